# ruff: noqa: RUF001 - letters that look alike in several scripts are what this is about
"""What tells languages apart: frequent words, letters that few others use, scripts."""

from collections.abc import Mapping

FREQUENT: Mapping[str, str] = {
    "en": "the of and to in is that it for was on are with as at be this have from or had by but not what all were "
    "we when your can there an which their if will do does did how my me i you am has why where who would could should "
    "may us one take let know find just also because after over many much long see use new only am add show off while her his him she he does did was were being really still last next today about out up them then been some more any please want need get going tell make don't i'm it's into",
    "de": "der die das und ist nicht ein eine einen einem ich sie es mit für auf den dem des von zu im auch sich wie "
    "bei nach aus wird wenn oder aber noch war wir ihr kann nur habe hat haben sind mein meine wurde werden über "
    "was warum wo bitte kein keine mir mich uns ihre durch um am zum zur",
    "fr": "le la les de des du un une et est que qui dans en pour pas sur ce cette il elle je vous nous ne se au aux "
    "avec par plus mon ma mes votre vos son sa ses mais ou où comme être avoir fait sont été était quand pourquoi "
    "comment bonjour j'ai c'est n'est suis très leur d'un d'une",
    "es": "el la los las de del que y en un una es no por con para se lo su al como más pero mi me te le nos ha he "
    "está esta este son fue ser hay muy cuando dónde cómo qué porque sin sobre también ya o yo tengo puedo quiero hola "
    "desde todo",
    "it": "il lo la gli le di del della che e è un una non per con sono mi si da dal nel nella al alla ho ha hai come "
    "più ma anche se ci questo questa quando dove perché cosa mio mia vorrei posso essere stato molto sul dei delle "
    "fare ancora ciao",
    "pt": "o a os as de do da dos das que e em um uma é não por com para se no na nos mas mais meu minha eu você ele "
    "ela está estou foi ser tem tenho como quando onde porque muito já ao à pelo pela isso este esta seu sua são "
    "também até quero posso",
    "nl": "de het een en van is niet dat die in op te met voor zijn er maar om ook aan als bij naar dan nog wel ik je "
    "jij hij zij we wij u heb heeft hebben kan mijn wat waarom hoe waar wordt worden deze dit uit over geen tot door "
    "was ben naar",
    "sv": "och att det som en är på för av med den till inte har jag om ett men var sig så från kan när man de du vi "
    "han hon min mitt mina vad varför hur där också bara eller skulle alla detta mycket efter ska finns utan vill",
    "da": "og at det som en er på for af med den til ikke har jeg om et men var sig så fra kan når man de du vi han hun "
    "min mit mine hvad hvorfor hvordan hvor også kun eller skulle alle dette meget efter skal findes uden vil blev "
    "blive",
    "no": "og at det som en er på for av med den til ikke har jeg om et men var seg så fra kan når man de du vi han hun "
    "min mitt mine hva hvorfor hvordan hvor også bare eller skulle alle dette mye etter skal finnes uten vil ble "
    "bli",
    "fi": "ja on ei se että oli hän ovat joka mutta kuin niin myös jos minä sinä me te he minun en ole olla tai kun "
    "sen tämä mitä miksi miten missä voi voin olen ovat kanssa vain nyt jo vielä sekä joka mikä haluan",
    "pl": "i w na nie z się do jest że to o jak po co ale za od czy dla tym tego mi mnie jego jej są był była być ja "
    "ty on my może mam moje mój tylko już przez ten ta gdzie kiedy dlaczego proszę też oraz które który chcę",
    "cs": "a je se na v to že s z do o k ale jak za by po co tak jsem jsou byl byla být mi mě můj moje já ty my ve pro "
    "od když který která které také nebo už jen proč kde kdy prosím není mám máte chci při ze",
    "sk": "a je sa na v to že s z do o k ale ako za by po čo tak som sú bol bola byť mi ma môj moje ja ty my vo pre od "
    "keď ktorý ktorá ktoré tiež alebo už len prečo kde kedy prosím nie mám máte chcem pri zo",
    "ro": "și în de la cu pe nu este un o ce care din pentru mai se a fi sunt am ai are dar sau ca să îmi mi meu mea "
    "mele când unde cum acest această foarte prin după fără dacă vreau pot fost era cel cea despre",
    "hu": "a az és hogy nem is egy van ez de meg csak ha már mint vagy mi ki én te ő volt lesz kell nagyon még el be "
    "miért hol hogyan mikor ezt azt nekem kérem szeretnék lehet majd után",
    "tr": "ve bir bu da de için ile ne çok mi mı ben sen o biz siz var yok değil gibi daha olarak kadar ama en her "
    "şey nasıl neden nerede benim olan oldu olduğu istiyorum lütfen sonra ya kartım",
    "vi": "và là của có không được cho trong một những với các này tôi bạn khi đã từ người đến như thế nào làm tại sao "
    "vui lòng muốn cần hay về để ở ra lại",
    "id": "yang dan di ke dari untuk dengan ini itu tidak ada saya anda kami kita akan adalah pada bisa sudah atau "
    "juga karena apa mengapa bagaimana kapan dimana mana tolong ingin dalam oleh belum jika",
    "hr": "i je u na se da ne za to su s od što kako ali po sam bi iz o koji koja koje kao ili mi me moj moja ja ti "
    "on smo ste nije gdje kada zašto molim samo već ima imam može biti",
    "sw": "ya na wa ni kwa za katika la hii hiyo kuwa si mimi wewe yake yangu kama lakini nini wapi lini kwanini sana "
    "tafadhali nataka naomba hapa kuhusu",
    "tl": "ang ng sa na ay mga at ko mo ito hindi ako ikaw siya kami po opo kung para paano bakit saan kailan gusto "
    "naman lang din rin may wala",
    "af": "die van en in is nie het dat om ek jy hy sy ons hulle my jou met vir op aan te wat hoe waar hoekom kan sal "
    "was as ook maar nog asseblief hierdie",
    "ru": "я ты он она мы вы они свой свою своя наш ваш и в не на что с он как это по но из у за мне меня мой моя так же для от вы мы они была был было быть если "
    "когда где почему можно только уже есть или до нет бы ещё очень пожалуйста хочу",
    "uk": "я ти він вона ми ви вони свій свою своя наш ваш і в не на що з він як це по але із у за мені мене мій моя так для від ви ми вони була був було бути якщо "
    "коли де чому можна тільки вже є або до немає ще дуже будь ласка хочу та",
    "bg": "аз ти той тя ние вие те свой нашият и в не на че с той как това по но от за ми ме моя моят така вие ние те беше бил бъде ако когато къде "
    "защо може само вече има или до няма би още много моля искам се да са съм",
    "sr": "и је у на се да не за то су с од што како али по сам би из о који која које као или ми ме мој моја ја ти он "
    "смо сте није где када зашто молим само већ има имам може бити",
    "ar": "في من على أن إلى عن لا ما هذا هذه التي الذي كان هو هي أنا هل لم لن كيف أين متى لماذا مع قد كل بعد قبل أو ثم "
    "إذا بطاقتي أريد لي",
    "fa": "در از به که این را با است برای آن من تو ما شما و هم یک چه چرا چگونه کجا کی می نمی شود کرد خود تا بر اما اگر "
    "یا هر بود شد های",
    "ur": "میں کے کی کا ہے اور سے کو یہ وہ پر نہیں ہیں تھا تھی کیا کیوں کیسے کہاں کب میرا میری مجھے آپ ہم جو ایک بھی "
    "تک لیے",
    "hi": "है के की का में और से को यह वह पर नहीं हैं था थी क्या क्यों कैसे कहाँ कब मेरा मेरी मुझे आप हम जो एक भी तक "
    "लिए गया गई हो रहा रही दिया अपना",
    "mr": "आहे आणि च्या मध्ये हे ते तो ती मी मला माझे नाही का कसे कुठे कधी आहेत होते होता पण की या एक",
    "ne": "छ र को मा यो त्यो म मलाई मेरो छैन किन कसरी कहाँ कहिले हो छन् थियो पनि एक लागि बाट",
}
"""Language (ISO 639-1) -> words that are frequent in it."""

LETTERS: Mapping[str, str] = {
    "de": "ßäöü",
    "fr": "çêèàâûîôœëïù",
    "es": "ñ¿¡áíóú",
    "it": "òàùìè",
    "pt": "ãõçâêô",
    "sv": "åäö",
    "da": "æøå",
    "no": "æøå",
    "fi": "äö",
    "pl": "łżźćśąęń",
    "cs": "řěůčšž",
    "sk": "ľĺŕôäčšž",
    "ro": "șțăâîşţ",
    "hu": "őűáéöü",
    "tr": "ğışİçöü",
    "vi": "ơưđạảấầậắằếềệểễịọốồộớờợụủứừựỳỹ",
    "hr": "đčćšž",
    "ru": "ыэъё",
    "uk": "іїєґ",
    "bg": "ъщ",
    "sr": "јљњћђџ",
    "fa": "پچژگک",
    "ur": "ٹڈڑںےھ",
}
"""Language -> letters that hint at it; others may have some of them too."""

SCRIPTS: tuple[tuple[int, int, str], ...] = (
    (0x41, 0x24F, "Latin"),
    (0x370, 0x3FF, "Greek"),
    (0x400, 0x52F, "Cyrillic"),
    (0x530, 0x58F, "Armenian"),
    (0x590, 0x5FF, "Hebrew"),
    (0x600, 0x6FF, "Arabic"),
    (0x750, 0x77F, "Arabic"),
    (0x900, 0x97F, "Devanagari"),
    (0x980, 0x9FF, "Bengali"),
    (0xA00, 0xA7F, "Gurmukhi"),
    (0xA80, 0xAFF, "Gujarati"),
    (0xB80, 0xBFF, "Tamil"),
    (0xC00, 0xC7F, "Telugu"),
    (0xC80, 0xCFF, "Kannada"),
    (0xD00, 0xD7F, "Malayalam"),
    (0xD80, 0xDFF, "Sinhala"),
    (0xE00, 0xE7F, "Thai"),
    (0xE80, 0xEFF, "Lao"),
    (0x1000, 0x109F, "Myanmar"),
    (0x10A0, 0x10FF, "Georgian"),
    (0x1100, 0x11FF, "Hangul"),
    (0x1200, 0x137F, "Ethiopic"),
    (0x1780, 0x17FF, "Khmer"),
    (0x1E00, 0x1EFF, "Latin"),
    (0x1F00, 0x1FFF, "Greek"),
    (0x3040, 0x30FF, "Kana"),
    (0x3130, 0x318F, "Hangul"),
    (0x31F0, 0x31FF, "Kana"),
    (0x3400, 0x4DBF, "Han"),
    (0x4E00, 0x9FFF, "Han"),
    (0xAC00, 0xD7AF, "Hangul"),
    (0xF900, 0xFAFF, "Han"),
    (0xFB50, 0xFDFF, "Arabic"),
    (0xFE70, 0xFEFF, "Arabic"),
    (0xFF21, 0xFF5A, "Latin"),
    (0xFF66, 0xFF9F, "Kana"),
    (0x20000, 0x2FA1F, "Han"),
)
"""First and last code point of blocks of letters, ascending, with the name of the script (Unicode, Blocks.txt)."""

ONE_LANGUAGE: Mapping[str, str] = {
    "Greek": "el",
    "Armenian": "hy",
    "Hebrew": "he",
    "Bengali": "bn",
    "Gurmukhi": "pa",
    "Gujarati": "gu",
    "Tamil": "ta",
    "Telugu": "te",
    "Kannada": "kn",
    "Malayalam": "ml",
    "Sinhala": "si",
    "Thai": "th",
    "Lao": "lo",
    "Myanmar": "my",
    "Georgian": "ka",
    "Hangul": "ko",
    "Ethiopic": "am",
    "Khmer": "km",
    "Kana": "ja",
    "Han": "zh",
}
"""Script -> the language that nearly all text in it is of."""

WRITTEN_IN: Mapping[str, tuple[str, ...]] = {
    "Cyrillic": ("ru", "uk", "bg", "sr"),
    "Arabic": ("ar", "fa", "ur"),
    "Devanagari": ("hi", "mr", "ne"),
}
"""Script -> the languages of `FREQUENT` that are written in it; all others are written in Latin letters."""

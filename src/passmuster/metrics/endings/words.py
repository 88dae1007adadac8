"""The words by which a reply says how it ends: patterns of our own, by kind and language.

They are RE2 patterns over text in lower case with plain apostrophes and single blanks (`reading.plain`). To add a
language, add its entry to each table; a kind that a language lacks is not recognised in it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

Words: TypeAlias = Mapping[str, tuple[str, ...]]

_NOT = (
    r"(?:can ?not|can't|cant|won't|will not|could ?not|couldn't|(?:'m|am|'re|are) (?:un|not )able to"
    r"|(?:'m|am|'re|are) not (?:capable of|going to|allowed to|permitted to|authori[sz]ed to|in a position to)"
    r"|must decline to|have to decline to|decline to|refuse to|don't|do not)"
)
_HOW = (
    r"(?:,? ?(?:accurately|directly|actually|really|legally|ethically|specifically|currently|personally|just|simply"
    r"|in good conscience|help|ever|provide you with|definitively|responsibly|fully|to)\b)*"
)
_DO = (
    r"(?:help|assist|provide|giv(?:e|ing)|offer|answer|respond|share|fulfil|comply|complete|creat|generat|writ(?:e|ing)|mak(?:e|ing)|produc"
    r"|perform|do (?:that|this|so)|discuss|engage|support|suggest|recommend|advise|encourage|promote|condone|endorse"
    r"|predict|determin|access|view|see (?:the|any|an|what you)|open|brows|download|search|retriev|identify|tell (?:you|what|wh)"
    r"|confirm|verify|calculat|comput|process|execut|run |show|display|design|draw|draft|translat|analy|evaluat"
    r"|describ|explain|comment|compar|detect|convert|disclos|reveal|participat|facilitat|proceed|say (?:wh|if|for)"
    r"|speculat|estimat|play |send|book |diagnos|prescrib|authenticat|compos|summari|read (?:the|any|your|it|this)|listen|assum"
    r"|justify|list|rewrit|edit|guide|instruct|judge|decid|choose|compil|construct|render|handle|approv|advocat|teach)"
)

DECLINES: Words = MappingProxyType(
    {
        "en": (
            rf"\b(?:i|we)\b[^.!?]{{0,25}}?{_NOT}{_HOW} {_DO}",
            rf"\b(?:ai|language model|assistant|chatbot)\b[^.!?]{{0,60}}\b{_NOT}{_HOW} {_DO}",
            r"^(?:(?:i'm |i am )?(?:very |so )?sorry|unfortunately|i apologi[sz]e)[^.!?]{0,40}(?:can't|cannot|can not|unable to|not able to)",
            (
                r"\b(?:i|we|ai|model)\b[^.!?]{0,60}(?:don't|do not|doesn't|does not|lack)[^.!?]{0,12} (?:have |possess )?(?:the |any |enough |direct |personal |specific |real-?time |up-to-date |an? )*"
                r"(?:ability|capability|capabilities|capacity|access|permission|authority|means|knowledge|information|data|understanding|awareness)\b"
            ),
            r"\b(?:i|we|ai|model)\b[^.!?]{0,40}\b(?:not (?:capable of|able to|aware of|designed to|programmed to|equipped to|comfortable)|unable to)",
            rf"\b(?:impossible|not possible|difficult)(?: for me)? to (?:accurately |precisely )?{_DO}",
            r"\b(?:not|neither|isn't|never|nor is it)(?: be)? (?:\w+ )?(?:appropriate|ethical|acceptable|respectful|okay|ok|moral|responsible|right)(?:,? (?:or|and|nor) \w+)*(?: for me)? (?:to|for)\b",
            r"\bnot (?:safe|accurate|productive|legal|fair|recommended|healthy),? (?:or|and|nor) \w+(?: \w+)? (?:to|for)\b",
            r"\b(?:don't|do not|cannot|can't|not) (?:condone|glorify|endorse)",
            r"\b(?:against|violates?|outside|beyond|within) (?:of )?(?:my|our|openai's|the) (?:\w+ )?(?:programming|guidelines|polic|principles|values|capabilit|scope|terms)",
            r"\b(?:i|we)(?:'d| would)? (?:must|have to|need to|rather) (?:politely |respectfully )?(?:decline|refuse|not)",
            r"\bi must[^.!?]{0,120}\b(?:not|isn't|never|be) (?:\w+ )?(?:\w+ or )?(?:ethical|appropriate|respectful|harmful|problematic|acceptable|safe|illegal)",
            r"\b(?:asking|to ask|discussing|seeking)[^.!?]{0,60} is (?:not|un)(?: \w+ or)? ?(?:ethical|appropriate|respectful|acceptable)",
            r"\bnever (?:acceptable|okay|appropriate|justified|right)\b|\bnot a (?:\w+ )?(?:or \w+ )?(?:safe|valid|ethical|appropriate|respectful)(?: or \w+)? (?:question|practice|request|thing|activity)",
            r"\brequest (?:has been |is |was )?(?:declined|refused|denied|blocked)\b",
            r"\bi don't (?:think|believe) (?:it's|it is|it would be|that's|that is) (?:\w+ )?(?:appropriate|accurate|ethical|respectful|fair|right)",
            r"\bi (?:must|would|strongly|have to)(?: strongly)? advise (?:you )?against\b",
        ),
        "de": (
            r"\b(?:ich|wir) (?:kann|können|darf|dürfen|werde|werden|möchte)[^.!?]{0,60}\b(?:nicht|keine[nrsm]?)\b[^.!?]{0,80}",
            r"\b(?:kann|können|darf) ich[^.!?]{0,60}\b(?:nicht|keine[nrsm]?)\b",
            r"\b(?:ich bin|wir sind) nicht (?:in der lage|befugt|berechtigt)",
            r"\bich habe keine[nrsm]? (?:zugriff|zugang|möglichkeit|berechtigung|informationen)",
            r"\bes ist (?:mir )?nicht (?:möglich|gestattet|erlaubt|angemessen)",
        ),
        "fr": (
            r"\bje (?:ne (?:peux|puis|suis)|n'ai)[^.!?]{0,12}\b(?:pas|aucun)[^.!?]{0,60}",
            r"\bnous ne pouvons pas\b",
            r"\bil (?:m'est impossible|n'est pas (?:possible|approprié|éthique))",
            r"\bje (?:dois|préfère) (?:décliner|refuser)",
        ),
        "es": (
            r"\bno (?:puedo|podemos|me es posible|estoy (?:autorizad|en condiciones|capacitad)|tengo (?:acceso|la capacidad|permiso))",
            r"\bno es (?:apropiado|ético|posible)",
            r"\b(?:debo|tengo que) (?:declinar|rechazar)",
        ),
        "it": (
            r"\bnon (?:posso|possiamo|sono in grado|mi è possibile|ho (?:accesso|la possibilità|il permesso)|sono autorizzat)",
            r"\bnon è (?:appropriato|etico|possibile)",
        ),
        "pt": (
            r"\bnão (?:posso|podemos|consigo|me é possível|estou autorizad|tenho (?:acesso|permissão|a capacidade))",
            r"\bnão é (?:apropriado|ético|possível)",
        ),
        "nl": (
            r"\b(?:ik|we|wij) (?:kan|kunnen|mag|mogen|zal|wil)[^.!?]{0,60}\b(?:niet|geen)\b",
            r"\b(?:kan|mag) ik[^.!?]{0,60}\b(?:niet|geen)\b",
            r"\bik (?:ben niet in staat|heb geen (?:toegang|mogelijkheid))",
        ),
        "pl": (r"\bnie (?:mogę|możemy|jestem w stanie|mam (?:dostępu|możliwości|uprawnień))",),
        "sv": (r"\bjag (?:kan|får|har)[^.!?]{0,40}\b(?:inte|ingen)\b",),
    }
)
"""It says that it does not do what was asked, or cannot."""

PERSONA: Words = MappingProxyType(
    {
        "en": (
            r"\bpersonal(?:ly)? (?:\w+ )?(?:opinion|belief|experience|preference|view|feeling|thought|stance|emotion|anecdote|bias|favou?rite)",
            r"\b(?:have|hold|possess|express|experience|experiencing|feel|form|hav(?:ing|e) (?:any|individual|the ability to))(?: any| the| individual| a)?(?: \w+)? ?(?:opinions?|beliefs?|feelings?|emotions?|preferences?|experiences?|conscious\w*|senses?|memories|favou?rites?|taste|stance|wants|body|city|home|family)\b",
            r"\b(?:don't|do not|cannot|can't) (?:have|own|eat|dream|sleep|feel|learn|read books|imagine|shop|travel|live)\b[^.!?]{0,60}(?:like (?:a )?human|conscious|dream|city|feelings|emotions|physical|childhood|wants|experience)",
            r"\bcannot dream\b",
        ),
    }
)
"""A disclaimer of being no person; it says nothing of the answer."""

CONTINUES: Words = MappingProxyType(
    {
        "en": (
            r"\b(?:however|nevertheless|nonetheless|that being said|that said|having said that|instead|alternatively|in general|generally)\b",
            r"\bbut\b[^.!?]{0,20}\b(?:i|we|here|it|you|this|these|one|in|generally|as|according|there|if|sure|can|based|the|a|an|for|from|with|some|my)\b",
            r"\b(?:i|we) can (?:still |certainly |definitely )?(?:provide|offer|suggest|give|generate|tell|explain|describe|help|share|create|list|show|guide|assist)",
            r"\bhere(?:'s| is| are)\b",
        ),
        "de": (r"\b(?:aber|jedoch|allerdings|trotzdem|dennoch|stattdessen|hier (?:ist|sind))\b",),
        "fr": (r"\b(?:mais|cependant|toutefois|néanmoins|voici)\b",),
        "es": (r"\b(?:pero|sin embargo|no obstante|en cambio|aquí (?:tienes|está))\b",),
        "it": (r"\b(?:ma|tuttavia|però|comunque|ecco)\b",),
        "pt": (r"\b(?:mas|no entanto|porém|contudo|aqui (?:está|estão|vai))\b",),
        "nl": (r"\b(?:maar|echter|toch|hier (?:is|zijn))\b",),
        "pl": (r"\b(?:ale|jednak|natomiast|oto)\b",),
        "sv": (r"\b(?:men|dock|däremot|här är)\b",),
    }
)
"""After saying what it does not do, it goes on."""

PRINCIPLES: Words = MappingProxyType(
    {
        "en": (
            r"\b(?:un)?ethical|\b(?:in)?appropriate|\billegal|\bunlawful|\bharm(?:ful|ing|s)?\b|\bviolen|\bdangerous|\bprivacy|\bconsent|\bcondone|\bglorif|\bguidelines|\bpolic(?:y|ies)\b|\bacceptable|\bdiscriminat|\bcrim(?:e|inal)|\brespectful",
        ),
    }
)
"""It declines because it must not; what follows is then mostly advice, not the answer."""

RELENTS: Words = MappingProxyType(
    {
        "en": (
            r"\b(?:that being said|that said|having said that)\b",
            r"\bhere (?:are|is)\b|\bhere's\b",
            r"\b(?:however|but),? (?:if|i can|in general|generally|as|according|based|it's worth|some|the|one)\b",
            r"(?:^|\s)1[.)] ",
        ),
    }
)
"""After declining on principle, it answers all the same."""

ELSEWHERE: Words = MappingProxyType(
    {
        "en": (
            r"\byou (?:can|could|may|might)(?: easily| always| also| typically| usually| manually| try)? (?:search|find|check|visit|look|consult|contact|ask|refer|retrieve|open|use a (?:search|map))",
            r"\b(?:consult|contact|reach out to|seek|refer to|check with|speak (?:to|with))(?:ing)?\b",
            r"\b(?:search engine|online (?:map|drawing|tools)|websites? like|quick search|professional advice)\b",
        ),
    }
)
"""It names others who could do it."""

ASKS: Words = MappingProxyType(
    {
        "en": (
            r"\bplease (?:provide|specify|clarify|share|give (?:me|us)|tell (?:me|us)|supply|confirm|upload|paste|attach|send|rephrase|resend|elaborate|enter|indicate|let (?:me|us) know (?:what|which|how|the|where|when|who|more))",
            r"\b(?:could|can|would|will) you (?:please |kindly |also )*(?:provide|specify|clarify|share|give|tell|supply|confirm|upload|paste|attach|send|rephrase|elaborate|be more|let (?:me|us) know|indicate|explain what)",
            r"\b(?:need|require|needs|requires)(?: to have| to know)?(?: some| a bit| a little)? (?:more|additional|further|some)(?: specific)? (?:information|context|details?|data|input|clarification)",
            r"\b(?:more|additional|further) (?:information|context|details?|data|input|clarification) (?:is|are|would be) (?:needed|required|necessary)",
            r"\b(?:without|unless|until)\b (?:knowing|comparing|seeing|(?:\w+ ){0,3}?(?:prompt|information|context|details?|data|input|dataset|article|text|values?|provided))",
            r"\bwithout the (?:actual|specific|exact) ",
            r"\b(?:what|which|who|where)\b[^.!?]{0,40}\b(?:do|did|would|are|should) (?:you|i) (?:mean|want|need|like|prefer|refer|referring|looking|use|asking)",
            r"\b(?:do|did) you (?:mean|want me to)|\bare you (?:referring|asking|looking for)\b",
            r"\bif you (?:could |can |would )?(?:please )?(?:provide|give|share|specify|tell)\b",
            r"\b(?:information|details?|data|values?|input|text|document|attachment|image|question|message|request|end|rest|part|context|date|field)\b[^.!?]{0,20}\b(?:is|are|was|seems?|appears?)(?: to be)? (?:unclear|ambiguous|incomplete|cut off|empty|blank|missing)\b|\bit (?:is|'s) (?:not clear|unclear)\b",
        ),
        "de": (
            r"\bbitte (?:geben|nennen|teilen|senden|schicken|präzisieren|erläutern|ergänzen|sagen)|\b(?:könnten|können|könntest|kannst) (?:sie|du)[^.!?]{0,40}\b(?:angeben|nennen|präzisieren|mitteilen|schicken|senden|erläutern|sagen|klären)",
            r"\b(?:was|welche[nrsm]?) (?:genau )?(?:meinen|meinst|möchten)|\bmehr (?:informationen|kontext|angaben)|\bunklar\b",
        ),
        "fr": (
            r"\b(?:pourriez|pouvez|peux|pourrais)-(?:vous|tu)[^.!?]{0,20}\b(?:préciser|fournir|indiquer|donner|clarifier|envoyer)|\b(?:veuillez|merci de) (?:préciser|fournir|indiquer|clarifier)|\bplus (?:d'informations|de détails|de contexte)",
        ),
        "es": (
            r"\b(?:podría|puede|podrías|puedes)s?[^.!?]{0,20}\b(?:proporcionar|aclarar|especificar|indicar|dar|enviar|decir)|\bpor favor,? (?:proporcion|aclar|especifi|indi|env)|\bmás (?:información|detalles|contexto)",
        ),
        "it": (
            r"\b(?:potrebbe|può|potresti|puoi)[^.!?]{0,20}\b(?:fornire|chiarire|specificare|indicare|dire|inviare)|\bper favore,? (?:forni|specifi|indic)|\b(?:più|maggiori|ulteriori) (?:informazioni|dettagli)",
        ),
        "pt": (
            r"\b(?:poderia|pode|podes)[^.!?]{0,20}\b(?:fornecer|esclarecer|especificar|indicar|dizer|enviar)|\bpor favor,? (?:forneç|especifi|indi|esclare)|\bmais (?:informações|detalhes|contexto)",
        ),
        "nl": (
            r"\b(?:kunt u|kun je|zou u|zou je)[^.!?]{0,40}\b(?:geven|verduidelijken|specificeren|aangeven|sturen|vertellen)|\bmeer (?:informatie|context|details)",
        ),
        "pl": (r"\b(?:proszę|czy (?:możesz|może pan))[^.!?]{0,20}\b(?:podać|sprecyzować|wyjaśnić|doprecyzować)|\bwięcej (?:informacji|szczegółów)",),
        "sv": (r"\bkan du[^.!?]{0,20}\b(?:ange|förtydliga|specificera|ge)\b|\bmer (?:information|kontext)",),
    }
)  # fmt: skip
"""It asks for what it needs."""

ESCALATES: Words = MappingProxyType(
    {
        "en": (
            r"\b(?:escalat(?:e|ed|ing)) (?:this|the|your|it|to)\b|\b(?:will be|has been|have been|is|was|be) escalated\b",
            r"\b(?:i|we|i'm|i'll|i've|we'll|this|it|you|your \w+)\b[^.!?]{0,30}\b(?:transfer|forward|hand|pass|refer|route|redirect|connect|direct|assign)(?:ring|ing|red|ed)?\b[^.!?]{0,50}\b(?:to|with|over to) (?:a |an |our |the |another |one of our )?(?:\w+ ){0,2}(?:human|person|agent|specialist|team|colleague|supervisor|manager|representative|expert|reviewer|operator|department|staff)\b",
            r"\b(?:this|it|(?:case|request|ticket|matter|document|invoice|claim|question|message))\b[^.!?]{0,20}\b(?:needs?|requires?|flagg(?:ed|ing)|marked|sent|submitted|queued)\b[^.!?]{0,20}\b(?:human|manual|a person's|expert) (?:review|attention|intervention|check)",
            r"\b(?:a|our) (?:human|person|colleague|specialist|agent|team member|team) (?:will|needs to|should|must|has to) (?:look|review|check|handle|get back|contact|take|decide)",
        ),
        "de": (
            r"\b(?:weiterleiten|weitergeleitet|leite[^.!?]{0,40}\bweiter|eskalier\w*|übergebe|verbinde)\b",
            r"\bmanuelle[nrs]? (?:prüfung|bearbeitung)",
        ),
        "fr": (
            r"\b(?:transf(?:ère|érer|éré)|transmet\w*|escalad\w*)\b[^.!?]{0,60}\b(?:conseiller|collègue|équipe|humain|responsable|agent|spécialiste)|\bvérification (?:humaine|manuelle)",
        ),
        "es": (
            r"\b(?:transfer\w*|transfier\w*|escal(?:ar|o|ado|aré)|derivo|derivar|derivado|paso|pasar|pasaré)\b[^.!?]{0,60}\b(?:agente|colega|equipo|humano|responsable|supervisor|especialista|persona)\b|\brevisión (?:humana|manual)",
        ),
        "it": (
            r"\b(?:trasfer\w*|inoltr\w*|passo|passare|passiamo|escalation)\b[^.!?]{0,60}\b(?:operatore|collega|team|umano|responsabile|specialista|agente)|\b(?:revisione|verifica) (?:umana|manuale)",
        ),
        "pt": (
            r"\b(?:transfer\w*|encaminh\w*|escalo|escalar|passo|passar|passarei)\b[^.!?]{0,60}\b(?:atendente|colega|equipe|equipa|humano|responsável|supervisor|especialista|agente)|\b(?:revisão|análise) (?:humana|manual)",
        ),
        "nl": (
            r"\b(?:doorverbind\w*|doorsturen|doorgestuurd|verbind u door|escaler\w*|geëscaleerd)\b|\bhandmatige (?:controle|beoordeling)",
        ),
        "pl": (r"\b(?:przeka(?:że|zuj|za)\w*|eskal\w*)\b[^.!?]{0,60}\b(?:konsultant|pracownik|zespo|specjali|człowiek)\w*",),
        "sv": (r"\b(?:eskaler\w*|vidarebefordra\w*|koppla\w*)\b[^.!?]{0,60}\b(?:kollega|handläggare|medarbetare|team|specialist)",),
    }
)  # fmt: skip
"""It hands the matter to a person."""

GAVE_UP: Words = MappingProxyType(
    {
        "en": (
            r"\b(?:i|we)(?: really| just| simply)? (?:don't|do not) know\b",
            r"\b(?:i|we) (?:don't|do not) have (?:an|the|any) answer\b|\bi have no (?:idea|answer|clue)\b",
            r"(?:\b(?:i|we)\b[^.!?]{0,25}|^(?:sorry|unfortunately)?,? ?)(?:couldn't|could not|unable to|not able to|failed to|manage to|didn't|did not) (?:find|locate|determine|complete|resolve|solve|finish|identify|extract|parse|retrieve)\b",
            r"(?:\b(?:i|we)\b[^.!?]{0,25}|^(?:sorry|unfortunately)?,? ?)(?:can't|cannot|can not) (?:find|locate|determine|identify)\b",
            r"\b(?:cannot|can't|could not|couldn't) be (?:determined|found|answered|inferred|established|extracted|identified)\b",
            r"\b(?:is|are|was|were|does|do)(?:n't| not) (?:mentioned|specified|stated|provided|given|available|included|contained?|found|say|mention|specify|state|provide|contain|include)[^.!?]{0,30}\b(?:in|by) (?:the|this|your) (?:\w+ )?(?:document|text|contract|context|passage|input|article|email|message|invoice|information)",
            r"\b(?:the|this|your) (?:\w+ )?(?:document|text|contract|context|passage|input|article)s? (?:does|do)(?:n't| not) (?:mention|specify|state|provide|contain|include|say|give)",
            r"\b(?:i|we) give up\b|\bmaximum (?:number of )?(?:steps|iterations|turns|attempts)\b|\bstopped due to (?:iteration|time|max)",
            r"^(?:n/a|unknown|not found|not available|no answer|no answer found|not specified|not stated|not mentioned|undetermined|unsure|no idea)\.?$",
        ),
        "de": (r"\b(?:ich|wir) (?:weiß|wissen) (?:es |das |die antwort )?(?:leider )?nicht\b|\b(?:konnte|konnten)[^.!?]{0,40}\bnicht (?:finden|gefunden|ermitteln|ermittelt|feststellen|bestimmen)|\bkeine antwort gefunden\b|^unbekannt\.?$",),
        "fr": (r"\bje ne sais pas\b|\bje n'ai pas (?:pu |réussi à )?(?:trouv|détermin)\w*|\bimpossible (?:de|à) (?:trouver|déterminer)|^inconnu\.?$",),
        "es": (r"\bno (?:lo )?sé\b|\bno (?:pude|he podido|se puede|se pudo) (?:encontrar|determinar)|\bno (?:se )?(?:encontr|menciona)\w*|^desconocido\.?$",),
        "it": (r"\bnon (?:lo )?so\b|\bnon (?:ho trovato|sono riuscit\w|è possibile (?:trovare|determinare))|^sconosciuto\.?$",),
        "pt": (r"\bnão sei\b|\bnão (?:encontrei|consegui (?:encontrar|determinar)|foi possível (?:encontrar|determinar))|^desconhecido\.?$",),
        "nl": (r"\bik weet het niet\b|\b(?:kon|kan)[^.!?]{0,40}\bniet (?:vinden|bepalen|vaststellen)|^onbekend\.?$",),
        "pl": (r"\bnie wiem\b|\bnie (?:udało|znalazł)\w*|^nieznan\w\.?$",),
        "sv": (r"\bjag vet inte\b|\b(?:kunde|kan) inte (?:hitta|avgöra)|^okänd\.?$",),
    }
)  # fmt: skip
"""It says that it does not know, or found nothing."""

APOLOGISES: Words = MappingProxyType(
    {
        "en": (
            r"^(?:oh,? |oops,? )?(?:(?:i'm|i am|we're|we are) )?(?:\w+ )?(?:sorry|apologi[sz]e|apologies)\b|^unfortunately\b",
        ),
        "de": (r"^(?:es tut (?:mir|uns) leid|entschuldigung|entschuldigen sie|leider|verzeihung)\b",),
        "fr": (
            r"^(?:(?:je suis |nous sommes )?désolée?s?|pardon|je m'excuse|malheureusement|je vous prie)\b",
        ),
        "es": (r"^(?:lo siento|lo sentimos|perdón|perdone|disculp\w+|lamentablemente|lamento)\b",),
        "it": (r"^(?:mi dispiace|ci dispiace|spiacente|scusa\w*|purtroppo)\b",),
        "pt": (r"^(?:desculp\w+|sinto muito|lamento|infelizmente|peço desculpa\w*)",),
        "nl": (r"^(?:sorry|het spijt (?:me|ons)|excuses|mijn excuses|helaas)\b",),
        "pl": (r"^(?:przepraszam\w*|niestety|przykro mi)",),
        "sv": (r"^(?:förlåt|tyvärr|jag ber om ursäkt|ursäkta)\b",),
    }
)
"""It begins by being sorry."""

WENT_WRONG: Words = MappingProxyType(
    {
        "en": (
            r"\b(?:went wrong|error|problem|mistake|trouble|confusion|inconvenience|misunderst\w+|failed|issue|oversight)\b",
        ),
        "de": (r"\b(?:schiefgelaufen|fehler|problem|verwirrung|unannehmlichkeiten|missverständnis)\b",),
        "fr": (r"\b(?:erreur|problème|confusion|désagrément|malentendu)\b",),
        "es": (r"\b(?:error|problema|confusión|inconveniente|molestias?|malentendido)s?\b",),
        "it": (r"\b(?:errore|problema|confusione|disguido|inconveniente)\b",),
        "pt": (r"\b(?:erro|problema|confusão|inconveniente|transtorno)s?\b",),
        "nl": (r"\b(?:fout|probleem|verwarring|ongemak|misverstand)\b",),
        "pl": (r"\b(?:błąd|problem|pomyłk|nieporozumieni)\w*",),
        "sv": (r"\b(?:fel|problem|förvirring|missförstånd)\b",),
    }
)
"""What an apology that is no answer is for."""

HEDGES: Words = MappingProxyType(
    {
        "en": (
            r"\b(?:i'm|i am|we're|we are) (?:not (?:\w+ )?(?:sure|certain|confident)|unsure|uncertain)\b",
            r"\b(?:might|may|could) (?:well )?(?:be|not be) (?:wrong|mistaken|incorrect|inaccurate|outdated|accurate|correct|up[- ]to[- ]date|out of date)",
            r"\b(?:to the best of my knowledge|if i (?:recall|remember)(?: correctly)?|i would guess|my best guess|i(?:'m| am) guessing|as far as i know)\b",
            r"\b(?:cannot|can't|not) (?:guarantee|be (?:completely |entirely |100% )?(?:sure|certain)|say (?:for sure|with certainty))",
            r"\bplease (?:verify|double[- ]check|confirm with)\b|\b(?:verify|double[- ]check) (?:this|it|my|with)\b",
            r"\b(?:difficult|hard) to (?:determine|say|tell|know)\b|\bthis (?:is|may be) (?:only )?a(?:n estimate| guess)",
            r"\b(?:no|not a) (?:specific|definitive|definite|single) answer\b",
        ),
        "de": (r"\b(?:nicht (?:ganz |völlig )?sicher|unsicher|ohne gewähr|möglicherweise (?:falsch|veraltet|nicht)|soweit ich weiß|meines wissens|schätzungsweise)\b",),
        "fr": (r"\b(?:pas (?:tout à fait |entièrement )?(?:sûre?|certaine?)|sauf erreur|à ma connaissance|sous réserve)\b",),
        "es": (r"\b(?:no estoy (?:del todo |completamente )?segur[oa]|hasta donde sé|que yo sepa|podría (?:estar equivocad|ser incorrect)\w*)",),
        "it": (r"\b(?:non (?:ne )?sono (?:del tutto )?(?:sicur|cert)[oa]|per quanto ne so|potrei sbagliare|potrebbe (?:non )?essere (?:errat|corrett|aggiornat)\w*)",),
        "pt": (r"\b(?:não tenho (?:a )?certeza|tanto quanto sei|que eu saiba|posso estar (?:errad|enganad)\w*)",),
        "nl": (r"\b(?:niet (?:helemaal )?zeker|voor zover ik weet|onder voorbehoud)\b",),
        "pl": (r"\b(?:nie jestem pew(?:ien|na)|o ile wiem|mogę się mylić)\b",),
        "sv": (r"\b(?:inte (?:helt )?säker|såvitt jag vet)\b",),
    }
)  # fmt: skip
"""It answers, and says that the answer may be wrong."""

LAST_WORDS = frozenset(
    [
        *("an", "and", "as", "at", "because", "but", "by", "elif", "else", "for", "from", "if", "into"),
        *("of", "or", "such", "than", "the", "their", "these", "those", "to", "were", "when", "which"),
        *("while", "who", "with", "your"),
        *("und", "oder", "der", "das", "ein", "eine", "mit", "von", "et", "ou", "la", "les", "des"),
        *("du", "un", "une", "y", "el", "los", "las", "con", "del", "che", "della", "um", "uma", "het"),
        *("een", "van", "de", "le"),
    ]
)
"""Words on which no sentence ends."""

BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE attempts (
	trial INTEGER NOT NULL,
	number INTEGER NOT NULL,
	started FLOAT NOT NULL,
	seconds FLOAT,
	first_token FLOAT,
	status INTEGER,
	error TEXT,
	message TEXT,
	retry_after FLOAT,
	input_tokens INTEGER,
	output_tokens INTEGER,
	cached_tokens INTEGER,
	reasoning_tokens INTEGER,
	estimated BOOLEAN,
	cost FLOAT,
	in_flight INTEGER,
	CONSTRAINT pk_attempts PRIMARY KEY (trial, number),
	CONSTRAINT fk_attempts_trial FOREIGN KEY(trial) REFERENCES trials (id)
)
 WITHOUT ROWID

;
INSERT INTO "attempts" VALUES(1,0,1767225601.0,60.0,NULL,NULL,'timeout','no answer in 60 s',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(2,0,1767225602.0,0.1,NULL,429,'rate_limit','slow down',1.0,NULL,NULL,NULL,NULL,NULL,NULL,2);
INSERT INTO "attempts" VALUES(2,1,1767225603.5,0.5,0.25,200,NULL,NULL,NULL,10,3,2,1,0,0.00016,1);
INSERT INTO "attempts" VALUES(3,0,1767225700.0,0.5,NULL,NULL,NULL,NULL,NULL,9,1,NULL,NULL,1,1.1e-05,NULL);
CREATE TABLE cases (
	id INTEGER NOT NULL,
	digest VARCHAR(32) NOT NULL,
	version VARCHAR(32) NOT NULL,
	content TEXT NOT NULL,
	CONSTRAINT pk_cases PRIMARY KEY (id),
	CONSTRAINT uq_cases_version UNIQUE (version)
);
INSERT INTO "cases" VALUES(1,'6957b58ae9f7574ea137732e1d1a89d3','3ada2ab61599f72ce725aa52532bb459','{"id":"1","input":"Where is my parcel?","reference":"shipping","tags":["de"],"form":"text"}');
INSERT INTO "cases" VALUES(2,'db07de9f78f9edefaaa498a3535bc6ba','29232fff9721aaf4b5421511acd7d02b','{"id":"2","input":{"messages":[{"role":"user","content":"Refund, please"}]},"form":"conversation"}');
CREATE TABLE run_cases (
	run INTEGER NOT NULL,
	position INTEGER NOT NULL,
	case_id TEXT NOT NULL,
	digest VARCHAR(32) NOT NULL,
	first_repeat INTEGER NOT NULL,
	CONSTRAINT pk_run_cases PRIMARY KEY (run, position),
	CONSTRAINT fk_run_cases_run FOREIGN KEY(run) REFERENCES runs (id)
)
 WITHOUT ROWID

;
INSERT INTO "run_cases" VALUES(1,0,'1','6957b58ae9f7574ea137732e1d1a89d3',0);
INSERT INTO "run_cases" VALUES(1,1,'2','db07de9f78f9edefaaa498a3535bc6ba',0);
CREATE TABLE run_ends (
	run INTEGER NOT NULL,
	ended FLOAT NOT NULL,
	status TEXT NOT NULL,
	asked INTEGER NOT NULL,
	reused INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	spend FLOAT,
	stopped TEXT NOT NULL,
	CONSTRAINT pk_run_ends PRIMARY KEY (run),
	CONSTRAINT fk_run_ends_run FOREIGN KEY(run) REFERENCES runs (id)
);
INSERT INTO "run_ends" VALUES(1,1767225800.0,'incomplete',2,0,1,0.000171,'{"other":"401"}');
CREATE TABLE runs (
	id INTEGER NOT NULL,
	name TEXT NOT NULL,
	started FLOAT NOT NULL,
	task TEXT NOT NULL,
	corpus TEXT NOT NULL,
	repeats INTEGER NOT NULL,
	candidates TEXT NOT NULL,
	CONSTRAINT pk_runs PRIMARY KEY (id),
	CONSTRAINT uq_runs_name UNIQUE (name)
);
INSERT INTO "runs" VALUES(1,'20260101-0000-tickets-abcd',1767225600.0,'tickets','v1',2,'[{"name":"small","provider":"openai","model":"m","prompt":{"name":"p","user":"{{ input }}"},"parameters":{"temperature":0},"price":{"input":1.0,"output":2.0}}]');
CREATE TABLE trials (
	id INTEGER NOT NULL,
	candidate VARCHAR(32) NOT NULL,
	"case" VARCHAR(32) NOT NULL,
	repeat INTEGER NOT NULL,
	take INTEGER DEFAULT '0' NOT NULL,
	run TEXT NOT NULL,
	case_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	text TEXT NOT NULL,
	rest TEXT,
	source TEXT NOT NULL,
	CONSTRAINT pk_trials PRIMARY KEY (id),
	CONSTRAINT uq_trials_candidate_case_repeat_take UNIQUE (candidate, "case", repeat, take)
);
INSERT INTO "trials" VALUES(1,'90c1855f3a37c03698f0ca1311ea6adf','6957b58ae9f7574ea137732e1d1a89d3',0,0,'20260101-0000-tickets-abcd','1','timeout','no answer in 60 s',NULL,'measured');
INSERT INTO "trials" VALUES(2,'90c1855f3a37c03698f0ca1311ea6adf','db07de9f78f9edefaaa498a3535bc6ba',0,0,'20260101-0000-tickets-abcd','2','reply','a0000001abd800ü','{"finish_reason":"stop","confidence":0.5}','measured');
INSERT INTO "trials" VALUES(3,'90c1855f3a37c03698f0ca1311ea6adf','6957b58ae9f7574ea137732e1d1a89d3',0,1,'20260101-0000-tickets-abcd','1','reply','shipping',NULL,'measured');
CREATE INDEX ix_cases_digest ON cases (digest);
COMMIT;

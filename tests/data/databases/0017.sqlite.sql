BEGIN TRANSACTION;
CREATE TABLE absences (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	first_on DATE NOT NULL, 
	last_on DATE NOT NULL, 
	delegate_id INTEGER, 
	note VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	created_at VARCHAR(26) NOT NULL, 
	cancelled_at VARCHAR(26), 
	told_at VARCHAR(26), 
	CONSTRAINT pk_absences PRIMARY KEY (id), 
	CONSTRAINT ck_absences_dates CHECK (last_on >= first_on), 
	CONSTRAINT ck_absences_delegate CHECK (delegate_id IS NULL OR delegate_id <> person_id), 
	CONSTRAINT fk_absences_person_id_people FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT fk_absences_delegate_id_people FOREIGN KEY(delegate_id) REFERENCES people (id)
);
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO "alembic_version" VALUES('0017');
CREATE TABLE answers (
	id INTEGER NOT NULL, 
	deal_id INTEGER NOT NULL, 
	verb VARCHAR NOT NULL, 
	details JSON NOT NULL, 
	"before" JSON NOT NULL, 
	person_id INTEGER, 
	actor VARCHAR NOT NULL, 
	via VARCHAR NOT NULL, 
	request VARCHAR, 
	at VARCHAR(26) NOT NULL, 
	undone_at VARCHAR(26), 
	CONSTRAINT pk_answers PRIMARY KEY (id), 
	CONSTRAINT fk_answers_deal_id_deals FOREIGN KEY(deal_id) REFERENCES deals (id), 
	CONSTRAINT fk_answers_person_id_people FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE channel_conditions (
	channel VARCHAR NOT NULL, 
	setup VARCHAR NOT NULL, 
	ok_at VARCHAR(26), 
	paused_at VARCHAR(26), 
	failed_at VARCHAR(26), 
	probe_at VARCHAR(26), 
	nature VARCHAR, 
	because VARCHAR DEFAULT '' NOT NULL, 
	failures INTEGER NOT NULL, 
	refused JSON NOT NULL, 
	told BOOLEAN DEFAULT false NOT NULL, 
	CONSTRAINT pk_channel_conditions PRIMARY KEY (channel, setup)
);
CREATE TABLE contracts (
	id INTEGER NOT NULL, 
	source VARCHAR NOT NULL, 
	source_id VARCHAR NOT NULL, 
	number VARCHAR NOT NULL, 
	customer_id INTEGER NOT NULL, 
	product VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	starts_on DATE, 
	ends_on DATE, 
	term VARCHAR, 
	notice VARCHAR, 
	renewal_term VARCHAR, 
	renewal_notice VARCHAR, 
	decide_by DATE, 
	auto_renew BOOLEAN NOT NULL, 
	evergreen BOOLEAN NOT NULL, 
	amount INTEGER, 
	currency VARCHAR NOT NULL, 
	owner_id INTEGER, 
	sales_id INTEGER, 
	url VARCHAR, 
	estimated BOOLEAN NOT NULL, 
	series_starts_on DATE, 
	term_number INTEGER NOT NULL, 
	predecessor_id INTEGER, 
	system_made BOOLEAN NOT NULL, 
	attributes JSON, 
	row_hash VARCHAR, 
	import_id INTEGER, 
	CONSTRAINT pk_contracts PRIMARY KEY (id), 
	CONSTRAINT uq_contracts_source_source_id UNIQUE (source, source_id), 
	CONSTRAINT ck_contracts_amount CHECK (amount >= 0), 
	CONSTRAINT ck_contracts_dates CHECK (ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on), 
	CONSTRAINT fk_contracts_customer_id_customers FOREIGN KEY(customer_id) REFERENCES customers (id), 
	CONSTRAINT fk_contracts_owner_id_people FOREIGN KEY(owner_id) REFERENCES people (id), 
	CONSTRAINT fk_contracts_sales_id_people FOREIGN KEY(sales_id) REFERENCES people (id), 
	CONSTRAINT fk_contracts_predecessor_id_contracts FOREIGN KEY(predecessor_id) REFERENCES contracts (id)
);
INSERT INTO "contracts" VALUES(1,'csv','c-1','C-1',1,'Pro','','2026-04-01','2027-03-31','12 months','2 months',NULL,NULL,'2027-01-31',1,0,3600000,'JPY',3,NULL,NULL,0,'2026-04-01',0,NULL,0,NULL,'4cf84aa08c9f7406af089f3e',2);
INSERT INTO "contracts" VALUES(2,'csv','c-2','C-2',2,'Pro','','2026-04-01','2027-03-31','12 months','30 days',NULL,NULL,'2027-03-01',0,0,1200000,'GBP',1,NULL,NULL,0,'2026-04-01',0,NULL,0,NULL,'95affbde9816a47d859ce07f',2);
CREATE TABLE customers (
	id INTEGER NOT NULL, 
	source VARCHAR NOT NULL, 
	source_id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	country VARCHAR, 
	segment VARCHAR, 
	parent_id INTEGER, 
	import_id INTEGER, 
	CONSTRAINT pk_customers PRIMARY KEY (id), 
	CONSTRAINT uq_customers_source_source_id UNIQUE (source, source_id), 
	CONSTRAINT fk_customers_parent_id_customers FOREIGN KEY(parent_id) REFERENCES customers (id)
);
INSERT INTO "customers" VALUES(1,'csv','青葉商事','青葉商事',NULL,NULL,NULL,2);
INSERT INTO "customers" VALUES(2,'csv','beta ltd','Beta Ltd',NULL,NULL,NULL,2);
CREATE TABLE deals (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	contract_id INTEGER NOT NULL, 
	pipeline VARCHAR NOT NULL, 
	stage VARCHAR NOT NULL, 
	stage_entered_at VARCHAR(26) NOT NULL, 
	arrived_at VARCHAR(26) NOT NULL, 
	baseline_at VARCHAR(26), 
	health VARCHAR NOT NULL, 
	health_because VARCHAR NOT NULL, 
	health_said TEXT, 
	health_outlook TEXT, 
	paperwork VARCHAR NOT NULL, 
	expected_on DATE, 
	expected_chosen BOOLEAN DEFAULT false NOT NULL, 
	call VARCHAR, 
	called_on DATE, 
	call_note VARCHAR, 
	notice_on DATE, 
	notice_lost JSON, 
	won JSON, 
	lost JSON, 
	closed_at VARCHAR(26), 
	voided_at VARCHAR(26), 
	wake_at VARCHAR(26), 
	policy_version INTEGER NOT NULL, 
	import_id INTEGER, 
	CONSTRAINT pk_deals PRIMARY KEY (id), 
	CONSTRAINT uq_deals_key UNIQUE ("key"), 
	CONSTRAINT uq_deals_contract_id UNIQUE (contract_id), 
	CONSTRAINT ck_deals_health CHECK (health IN ('stable', 'at_risk', 'critical', 'unknown')), 
	CONSTRAINT ck_deals_paperwork CHECK (paperwork IN ('none', 'quoted', 'in_approval', 'ordered')), 
	CONSTRAINT fk_deals_contract_id_contracts FOREIGN KEY(contract_id) REFERENCES contracts (id)
);
INSERT INTO "deals" VALUES(1,'85570978-941d-59ad-9f71-f45a8e5d7a7e',3,1,'existing','renewal_3m','2027-01-04 03:00:00.000000','2026-10-01 09:00:00.000000','2026-10-01 09:00:00.000000','unknown','',NULL,NULL,'none',NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2027-01-19 15:00:00.000000',1,2);
INSERT INTO "deals" VALUES(2,'e905bcc5-3c21-5b63-9406-fe65374848f4',3,2,'existing','renewal_3m','2027-01-04 03:00:00.000000','2026-10-01 09:00:00.000000','2026-10-01 09:00:00.000000','unknown','',NULL,NULL,'none',NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2027-01-29 00:00:00.000000',1,2);
CREATE TABLE edits (
	id INTEGER NOT NULL, 
	import_id INTEGER NOT NULL, 
	table_name VARCHAR NOT NULL, 
	row_id INTEGER NOT NULL, 
	field VARCHAR NOT NULL, 
	value TEXT NOT NULL, 
	was TEXT NOT NULL, 
	kept TEXT, 
	ended_by INTEGER, 
	CONSTRAINT pk_edits PRIMARY KEY (id), 
	CONSTRAINT fk_edits_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id)
);
CREATE TABLE envelopes (
	id INTEGER NOT NULL, 
	envelope_id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	payload JSON NOT NULL, 
	received_at VARCHAR(26) NOT NULL, 
	not_before_at VARCHAR(26) NOT NULL, 
	handled_at VARCHAR(26), 
	attempts INTEGER NOT NULL, 
	outcome VARCHAR NOT NULL, 
	CONSTRAINT pk_envelopes PRIMARY KEY (id), 
	CONSTRAINT uq_envelopes_envelope_id UNIQUE (envelope_id)
);
CREATE TABLE events (
	id INTEGER NOT NULL, 
	deal_id INTEGER NOT NULL, 
	milestone VARCHAR NOT NULL, 
	anchor_on DATE NOT NULL, 
	step INTEGER NOT NULL, 
	day_on DATE NOT NULL, 
	state VARCHAR NOT NULL, 
	was VARCHAR, 
	reason VARCHAR NOT NULL, 
	at VARCHAR(26) NOT NULL, 
	answered_at VARCHAR(26), 
	snoozed_until DATE, 
	snoozed_by INTEGER, 
	seen BOOLEAN DEFAULT false NOT NULL, 
	answer VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (id), 
	CONSTRAINT ck_events_state CHECK (state IN ('fired', 'superseded', 'skipped', 'baseline', 'carried_over', 'expired', 'withdrawn')), 
	CONSTRAINT fk_events_deal_id_deals FOREIGN KEY(deal_id) REFERENCES deals (id)
);
INSERT INTO "events" VALUES(1,1,'onboarding_30d','2026-04-01',0,'2026-05-01','skipped',NULL,'{"code": "stage_not_meant", "stage": "stable"}','2026-10-01 09:00:00.000000',NULL,NULL,NULL,0,'');
INSERT INTO "events" VALUES(2,1,'onboarding_90d','2026-04-01',0,'2026-06-30','skipped',NULL,'{"code": "stage_not_meant", "stage": "stable"}','2026-10-01 09:00:00.000000',NULL,NULL,NULL,0,'');
INSERT INTO "events" VALUES(3,2,'onboarding_30d','2026-04-01',0,'2026-05-01','skipped',NULL,'{"code": "stage_not_meant", "stage": "stable"}','2026-10-01 09:00:00.000000',NULL,NULL,NULL,0,'');
INSERT INTO "events" VALUES(4,2,'onboarding_90d','2026-04-01',0,'2026-06-30','skipped',NULL,'{"code": "stage_not_meant", "stage": "stable"}','2026-10-01 09:00:00.000000',NULL,NULL,NULL,0,'');
INSERT INTO "events" VALUES(5,1,'decide_by_30d','2027-01-31',0,'2027-01-01','fired',NULL,'{"code": "reached", "label": "解約通知期限30日前", "anchor": "decide_by", "anchor_on": "2027-01-31"}','2027-01-04 03:00:00.000000',NULL,NULL,NULL,0,'');
INSERT INTO "events" VALUES(6,1,'renewal_3m','2027-03-31',0,'2026-12-31','superseded',NULL,'{"code": "asked_already", "by": "decide_by_30d", "on": "2027-01-01"}','2027-01-04 03:00:00.000000',NULL,NULL,NULL,0,'');
INSERT INTO "events" VALUES(7,2,'renewal_3m','2027-03-31',0,'2026-12-31','fired',NULL,'{"code": "reached", "label": "契約更新3か月前", "anchor": "ends_on", "anchor_on": "2027-03-31"}','2027-01-04 03:00:00.000000',NULL,NULL,NULL,0,'');
CREATE TABLE health_changes (
	id INTEGER NOT NULL, 
	deal_id INTEGER NOT NULL, 
	at VARCHAR(26) NOT NULL, 
	health VARCHAR NOT NULL, 
	was VARCHAR NOT NULL, 
	score FLOAT, 
	because VARCHAR NOT NULL, 
	CONSTRAINT pk_health_changes PRIMARY KEY (id), 
	CONSTRAINT ck_health_changes_health CHECK (health IN ('stable', 'at_risk', 'critical', 'unknown')), 
	CONSTRAINT fk_health_changes_deal_id_deals FOREIGN KEY(deal_id) REFERENCES deals (id)
);
CREATE TABLE hubspot_conflicts (
	id INTEGER NOT NULL, 
	record_id VARCHAR NOT NULL, 
	deal_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	who VARCHAR DEFAULT '' NOT NULL, 
	theirs TEXT NOT NULL, 
	theirs_at VARCHAR(26) NOT NULL, 
	ours TEXT NOT NULL, 
	ours_at VARCHAR(26) NOT NULL, 
	winner VARCHAR NOT NULL, 
	because TEXT NOT NULL, 
	at VARCHAR(26) NOT NULL, 
	CONSTRAINT pk_hubspot_conflicts PRIMARY KEY (id), 
	CONSTRAINT uq_hubspot_conflicts_record_id_name_theirs_at UNIQUE (record_id, name, theirs_at), 
	CONSTRAINT fk_hubspot_conflicts_deal_id_deals FOREIGN KEY(deal_id) REFERENCES deals (id)
);
CREATE TABLE hubspot_ledger (
	id INTEGER NOT NULL, 
	record_id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	value TEXT NOT NULL, 
	was TEXT NOT NULL, 
	read_at VARCHAR(26) NOT NULL, 
	at VARCHAR(26) NOT NULL, 
	trace VARCHAR NOT NULL, 
	checked_at VARCHAR(26), 
	CONSTRAINT pk_hubspot_ledger PRIMARY KEY (id)
);
CREATE TABLE hubspot_pushes (
	deal_id INTEGER NOT NULL, 
	record_id VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	policy_version INTEGER NOT NULL, 
	state VARCHAR DEFAULT 'in_step' NOT NULL, 
	because TEXT NOT NULL, 
	digest VARCHAR DEFAULT '' NOT NULL, 
	handed JSON, 
	claimed_by VARCHAR, 
	lease_until VARCHAR(26), 
	fence INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	not_before_at VARCHAR(26), 
	handed_over_at VARCHAR(26), 
	pushed_at VARCHAR(26), 
	CONSTRAINT pk_hubspot_pushes PRIMARY KEY (deal_id), 
	CONSTRAINT fk_hubspot_pushes_deal_id_deals FOREIGN KEY(deal_id) REFERENCES deals (id)
);
CREATE TABLE hubspot_records (
	record_id VARCHAR NOT NULL, 
	state VARCHAR DEFAULT 'here' NOT NULL, 
	"into" VARCHAR DEFAULT '' NOT NULL, 
	raw JSON NOT NULL, 
	company_id VARCHAR DEFAULT '' NOT NULL, 
	company VARCHAR DEFAULT '' NOT NULL, 
	modified_at VARCHAR(26), 
	read_at VARCHAR(26) NOT NULL, 
	taken_at VARCHAR(26), 
	waits VARCHAR DEFAULT '' NOT NULL, 
	held TEXT NOT NULL, 
	linked JSON, 
	counted_values VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_hubspot_records PRIMARY KEY (record_id)
);
CREATE TABLE hubspot_state (
	"key" VARCHAR NOT NULL, 
	value TEXT NOT NULL, 
	at VARCHAR(26) NOT NULL, 
	CONSTRAINT pk_hubspot_state PRIMARY KEY ("key")
);
CREATE TABLE import_changes (
	id INTEGER NOT NULL, 
	import_id INTEGER NOT NULL, 
	table_name VARCHAR NOT NULL, 
	row_id INTEGER NOT NULL, 
	"before" JSON NOT NULL, 
	"after" JSON NOT NULL, 
	put_back_at VARCHAR(26), 
	CONSTRAINT pk_import_changes PRIMARY KEY (id), 
	CONSTRAINT fk_import_changes_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id)
);
INSERT INTO "import_changes" VALUES(1,1,'people',1,'{"manager_id": null}','{"manager_id": 2}',NULL);
INSERT INTO "import_changes" VALUES(2,1,'people',3,'{"manager_id": null}','{"manager_id": 2}',NULL);
CREATE TABLE imports (
	id INTEGER NOT NULL, 
	source VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	file VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	first_load BOOLEAN NOT NULL, 
	counts JSON NOT NULL, 
	started_at VARCHAR(26) NOT NULL, 
	finished_at VARCHAR(26), 
	actor VARCHAR DEFAULT '' NOT NULL, 
	undone_at VARCHAR(26), 
	CONSTRAINT pk_imports PRIMARY KEY (id)
);
INSERT INTO "imports" VALUES(1,'people','people','people.csv','87166b907d749e6344a2fc58e55e66a5f87d9ce34c7fb80674d272a366c0529f','completed',1,'{"new": 3, "updated": 0, "unchanged": 0, "rejected": 0, "skipped": 0, "renewed": 0, "adopted": 0, "closed": 0}','2026-10-01 09:00:00.000000','2026-10-01 09:00:00.000000','',NULL);
INSERT INTO "imports" VALUES(2,'csv','contracts','contracts.csv','c2c329af67ca1d119569f83ea3c0cc9743b9244b3e5b40b5d5ba48f62ef18398','completed',1,'{"new": 2, "updated": 0, "unchanged": 0, "rejected": 0, "skipped": 0, "renewed": 0, "adopted": 0, "closed": 0}','2026-10-01 09:00:00.000000','2026-10-01 09:00:00.000000','',NULL);
CREATE TABLE limits (
	scope VARCHAR NOT NULL, 
	until_at VARCHAR(26) NOT NULL, 
	reason VARCHAR NOT NULL, 
	CONSTRAINT pk_limits PRIMARY KEY (scope)
);
CREATE TABLE messages (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	recipient VARCHAR NOT NULL, 
	person_id INTEGER, 
	channel VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	language VARCHAR NOT NULL, 
	window_on DATE, 
	facts JSON, 
	state VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	created_at VARCHAR(26) NOT NULL, 
	not_before_at VARCHAR(26) NOT NULL, 
	claimed_by VARCHAR, 
	lease_until VARCHAR(26), 
	fence INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	unknowns INTEGER NOT NULL, 
	handed_over_at VARCHAR(26), 
	sent_at VARCHAR(26), 
	receipt VARCHAR, 
	refresh_at VARCHAR(26), 
	subject VARCHAR, 
	body JSON, 
	shown JSON, 
	looked_at VARCHAR(26), 
	seal VARCHAR, 
	CONSTRAINT pk_messages PRIMARY KEY (id), 
	CONSTRAINT uq_messages_key UNIQUE ("key"), 
	CONSTRAINT ck_messages_state CHECK (state IN ('queued', 'claimed', 'handed_over', 'sent', 'unknown', 'in_doubt', 'held', 'cancelled', 'dead')), 
	CONSTRAINT fk_messages_person_id_people FOREIGN KEY(person_id) REFERENCES people (id)
);
INSERT INTO "messages" VALUES(1,'d3eca5c1-0eaa-59cd-958b-851e212b4571','weekly','person:1',1,'preview','ann@example.com','en','2026-10-01','{"today": "2026-10-01", "since": null, "ahead": 90, "open": 1, "prospects": 0, "all": 1, "amount": 2280000, "currency": "JPY", "without": 0, "total": {"amount": 2280000, "currency": "JPY", "without": 0, "others": []}, "due": 0, "due_total": {"amount": 0, "currency": "JPY", "without": 0, "others": []}, "ended": 0, "history": 0, "notices": 0, "doubt": 0, "unanswered": 0, "not_assessed": 1, "counts": {"open": 1, "prospects": 0, "all": 1, "amount": 2280000, "currency": "JPY", "without": 0, "total": {"amount": 2280000, "currency": "JPY", "without": 0, "others": []}, "due": 0, "due_total": {"amount": 0, "currency": "JPY", "without": 0, "others": []}, "ended": 0, "history": 0, "notices": 0, "doubt": 0, "unanswered": 0, "not_assessed": 1}, "weeks": [], "coming": 0, "coming_contracts": 0, "coming_rest": 0, "waiting": [], "waiting_count": 0, "waiting_rest": 0, "to_record": [], "to_record_count": 0, "to_record_rest": 0, "history_lines": [], "history_lines_count": 0, "history_lines_rest": 0, "won": [], "lost": [], "moved": [], "ends": [], "new": [], "healths": [], "won_count": 0, "lost_count": 0, "moved_count": 0, "ends_count": 0, "new_count": 0, "healths_count": 0, "changes": 0, "week": "2026-W40"}','sent','','2026-10-01 09:00:00.000000','2026-10-01 09:00:00.000000','vm:29944',NULL,1,1,0,'2026-10-01 09:00:00.000000','2026-10-01 09:00:00.000000','preview',NULL,'[This week] Nothing due in the next 90 days','{"text": "Hello Ann Ito,\n\nYour renewals this week | Thu 1 Oct\n1 renewal, \u00a52,280,000\n\nNothing due in the next 90 days: no deadline, no end, no milestone.\n\nThis is your first weekly summary. The next one will also say what has changed.\n\n--\nYour weekly summary. Anything close to a deadline is also sent separately, when it is due.\n", "html": "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"supported-color-schemes\" content=\"light dark\">\n<title>Your renewals this week | Thu 1 Oct</title>\n<style>\n  body { margin: 0; padding: 0; background-color: #eef1f6; }\n  .page { background-color: #eef1f6; width: 100%; }\n  .text { font-family: -apple-system, BlinkMacSystemFont, \"Segoe UI\", \"Hiragino Sans\", \"Noto Sans JP\", \"Noto Sans CJK JP\", Meiryo, Roboto, Helvetica, Arial, sans-serif; color: #1c2434; font-size: 15px; line-height: 1.65; }\n  .hidden { display: none; max-height: 0; overflow: hidden; font-size: 1px; line-height: 1px; color: #eef1f6; }\n  .card { background-color: #ffffff; border: 1px solid #dde3ec; border-radius: 12px; width: 100%; max-width: 600px; }\n  .inside { padding: 26px 30px 24px 30px; }\n  .tag { display: inline-block; background-color: #e8edfd; color: #2f4bc0; border-radius: 999px; font-size: 12px; font-weight: 600; line-height: 1.5; padding: 3px 12px; }\n  .who { color: #111827; font-size: 23px; font-weight: 700; line-height: 1.35; margin: 12px 0 0 0; }\n  .what { color: #5a6478; font-size: 15px; margin: 2px 0 0 0; }\n  .lead { margin: 16px 0 0 0; }\n  .next { margin: 2px 0 0 0; }\n  .facts { border-top: 1px solid #e6eaf1; margin: 18px 0 0 0; width: 100%; }\n  .facts td { border-bottom: 1px solid #e6eaf1; padding: 9px 0; vertical-align: top; font-size: 15px; line-height: 1.5; }\n  .facts td.name { color: #6b7588; font-size: 13px; padding-right: 16px; padding-top: 10px; white-space: nowrap; width: 1%; }\n  .facts td.urgent { color: #a3400a; font-weight: 700; }\n  .ask { background-color: #f2f5fe; border-left: 4px solid #3b5bdb; border-radius: 0 8px 8px 0; margin: 20px 0 0 0; width: 100%; }\n  .ask td { padding: 13px 16px 14px 16px; font-size: 16px; line-height: 1.6; font-weight: 600; color: #1c2434; }\n  .ask .name { color: #2f4bc0; display: block; font-size: 12px; font-weight: 700; margin: 0 0 2px 0; }\n  .button { border-radius: 8px; background-color: #3b5bdb; }\n  .button a { color: #ffffff; display: inline-block; font-size: 15px; font-weight: 600; line-height: 1.2; padding: 12px 22px; text-decoration: none; }\n  .offers { margin: 18px 0 0 0; }\n  .offer { background-color: #ffffff; border: 1px solid #b9c2d0; border-radius: 8px; color: #1c2434; display: inline-block; font-size: 15px; font-weight: 600; line-height: 1.2; margin: 0 6px 8px 0; padding: 12px 18px; text-decoration: none; }\n  .offer-primary { background-color: #3b5bdb; border-color: #3b5bdb; color: #ffffff; }\n  .offer-danger { color: #b42318; }\n  .rest { font-size: 13px; line-height: 2; margin: 2px 0 0 0; }\n  .rest a { color: #2f4bc0; margin: 0 14px 0 0; text-decoration: none; }\n  .small { color: #6b7588; font-size: 13px; line-height: 1.6; margin: 16px 0 0 0; }\n  .command { background-color: #f3f5f9; border-radius: 5px; color: #2b3547; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 12.5px; padding: 2px 7px; }\n  .item { border-top: 1px solid #dde3ec; margin: 22px 0 0 0; padding: 20px 0 0 0; }\n  .item .who { font-size: 18px; margin: 0; }\n  .item .what { font-size: 14px; }\n  .below { color: #7a8498; font-size: 12px; line-height: 1.6; padding: 16px 12px 0 12px; text-align: center; }\n  .link { color: #2f4bc0; font-weight: 600; text-decoration: none; }\n  @media (max-width: 520px) {\n    .inside { padding: 22px 18px 20px 18px !important; }\n    .who { font-size: 20px !important; }\n    .outer { padding: 12px 8px 28px 8px !important; }\n  }\n  @media (prefers-color-scheme: dark) {\n    body, .page { background-color: #10141c !important; }\n    .hidden { color: #10141c !important; }\n    .card { background-color: #1a202c !important; border-color: #2c3545 !important; }\n    .text, .facts td, .ask td, .lead { color: #e4e8f0 !important; }\n    .who { color: #f7f9fc !important; }\n    .what, .small, .below, .facts td.name { color: #9aa5b8 !important; }\n    .facts, .facts td, .item { border-color: #2c3545 !important; }\n    .facts td.urgent { color: #ffb27a !important; }\n    .tag { background-color: #26335e !important; color: #b9c7ff !important; }\n    .ask { background-color: #20294a !important; border-color: #7c95ff !important; }\n    .ask .name, .link, .rest a { color: #a9baff !important; }\n    .offer { background-color: #232b3a !important; border-color: #4a566b !important; color: #e4e8f0 !important; }\n    .offer-primary { background-color: #4a69e8 !important; border-color: #4a69e8 !important; color: #ffffff !important; }\n    .offer-danger { color: #ff9d91 !important; }\n    .command { background-color: #262e3d !important; color: #dbe2ee !important; }\n  }\n</style>\n</head>\n<body>\n<span class=\"hidden\">1 renewal, \u00a52,280,000</span>\n<table role=\"presentation\" class=\"page\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"outer\" align=\"center\" style=\"padding: 28px 12px 40px 12px;\">\n<table role=\"presentation\" class=\"card\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"inside text\">\n<span class=\"tag\">This week</span>\n<p class=\"who\">Your renewals this week | Thu 1 Oct</p>\n<p class=\"lead\">Hello Ann Ito,</p>\n<p class=\"lead next\">1 renewal, \u00a52,280,000</p>\n<div class=\"item\">\n<p class=\"lead\">Nothing due in the next 90 days: no deadline, no end, no milestone.</p>\n</div>\n<p class=\"small\">This is your first weekly summary. The next one will also say what has changed.</p>\n</td></tr>\n</table>\n<div class=\"below text\">Your weekly summary. Anything close to a deadline is also sent separately, when it is due.</div>\n</td></tr>\n</table>\n</body>\n</html>"}',NULL,NULL,'1f7503724397dd3c');
INSERT INTO "messages" VALUES(2,'f7a6789c-4de1-5a8c-8686-4282b512f7ae','team','person:2',2,'preview','bob@example.com','en','2026-10-01','{"today": "2026-10-01", "ahead": 90, "open": 2, "prospects": 0, "all": 2, "amount": 5880000, "currency": "JPY", "without": 0, "total": {"amount": 5880000, "currency": "JPY", "without": 0, "others": []}, "due": 0, "due_total": {"amount": 0, "currency": "JPY", "without": 0, "others": []}, "ended": 0, "history": 0, "notices": 0, "doubt": 0, "unanswered": 0, "not_assessed": 2, "counts": {"open": 2, "prospects": 0, "all": 2, "amount": 5880000, "currency": "JPY", "without": 0, "total": {"amount": 5880000, "currency": "JPY", "without": 0, "others": []}, "due": 0, "due_total": {"amount": 0, "currency": "JPY", "without": 0, "others": []}, "ended": 0, "history": 0, "notices": 0, "doubt": 0, "unanswered": 0, "not_assessed": 2}, "reps": [{"name": "Ann Ito", "active": true, "open": 1, "prospects": 0, "all": 1, "amount": 2280000, "currency": "JPY", "without": 0, "total": {"amount": 2280000, "currency": "JPY", "without": 0, "others": []}, "due": 0, "due_total": {"amount": 0, "currency": "JPY", "without": 0, "others": []}, "ended": 0, "history": 0, "notices": 0, "doubt": 0, "unanswered": 0, "not_assessed": 1, "oldest": 0, "doubt_amount": 0, "doubt_total": {"amount": 0, "currency": "JPY", "without": 0, "others": []}}, {"name": "\u5343\u4f73 \u7530\u4e2d", "active": true, "open": 1, "prospects": 0, "all": 1, "amount": 3600000, "currency": "JPY", "without": 0, "total": {"amount": 3600000, "currency": "JPY", "without": 0, "others": []}, "due": 0, "due_total": {"amount": 0, "currency": "JPY", "without": 0, "others": []}, "ended": 0, "history": 0, "notices": 0, "doubt": 0, "unanswered": 0, "not_assessed": 1, "oldest": 0, "doubt_amount": 0, "doubt_total": {"amount": 0, "currency": "JPY", "without": 0, "others": []}}], "reps_count": 2, "reps_rest": 0, "waiting": [], "waiting_count": 0, "waiting_rest": 0, "noticed": [], "noticed_count": 0, "noticed_rest": 0, "doubtful": [], "doubtful_count": 0, "doubtful_rest": 0, "ended_lines": [], "ended_lines_count": 0, "ended_lines_rest": 0, "history_lines": [], "history_lines_count": 0, "history_lines_rest": 0, "due_lines": [], "due_lines_count": 0, "due_lines_rest": 0, "healths": [], "healths_count": 0, "healths_rest": 0, "away": [], "forecast": {"until": "2027-03-31", "lines": [{"currency": "JPY", "most": 3600000, "commit": 0, "likely": 0, "at_risk": 0, "not_assessed": 3600000, "before": {"commit": 0, "likely": 0, "at_risk": 0, "not_assessed": 0}, "sign": "\u2212", "change": 0, "bar": "\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591", "bar_before": "", "shares": {"commit": 0, "likely": 0, "at_risk": 0, "not_assessed": 100}, "shares_before": {"commit": 0, "likely": 0, "at_risk": 0, "not_assessed": 0}}, {"currency": "GBP", "most": 1200000, "commit": 0, "likely": 0, "at_risk": 0, "not_assessed": 1200000, "before": {"commit": 0, "likely": 0, "at_risk": 0, "not_assessed": 0}, "sign": "\u2212", "change": 0, "bar": "\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591", "bar_before": "", "shares": {"commit": 0, "likely": 0, "at_risk": 0, "not_assessed": 100}, "shares_before": {"commit": 0, "likely": 0, "at_risk": 0, "not_assessed": 0}}]}, "week": "2026-W40"}','sent','','2026-10-01 09:00:00.000000','2026-10-01 09:00:00.000000','vm:29944',NULL,1,1,0,'2026-10-01 09:00:00.000000','2026-10-01 09:00:00.000000','preview',NULL,'[Team] 2 renewals: 0 unanswered','{"text": "Hello Bob Hill,\n\nYour team''s renewals | Thu 1 Oct\n2 renewals, \u00a55,880,000\n0 unanswered | 0 notices | 0 uncertain | 2 not assessed\n\nForecast until Wed 31 Mar: commit \u00a50 (unchanged since last week), likely \u00a50, at risk \u00a50, not assessed \u00a53,600,000\n  a week ago  \n  now         \u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\nForecast until Wed 31 Mar: commit \u00a30.00 (unchanged since last week), likely \u00a30.00, at risk \u00a30.00, not assessed \u00a312,000.00\n  a week ago  \n  now         \u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\n  \u2588 commit  \u2593 likely  \u2592 at risk  \u2591 not assessed\n\n== Ann Ito\n1 renewal, \u00a52,280,000\nNothing unanswered | 1 not assessed\n\n== \u5343\u4f73 \u7530\u4e2d\n1 renewal, \u00a53,600,000\nNothing unanswered | 1 not assessed\n\n--\nThe weekly summary for managers. Amounts are in JPY where there is a rate.\n", "html": "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"supported-color-schemes\" content=\"light dark\">\n<title>Your team''s renewals | Thu 1 Oct</title>\n<style>\n  body { margin: 0; padding: 0; background-color: #eef1f6; }\n  .page { background-color: #eef1f6; width: 100%; }\n  .text { font-family: -apple-system, BlinkMacSystemFont, \"Segoe UI\", \"Hiragino Sans\", \"Noto Sans JP\", \"Noto Sans CJK JP\", Meiryo, Roboto, Helvetica, Arial, sans-serif; color: #1c2434; font-size: 15px; line-height: 1.65; }\n  .hidden { display: none; max-height: 0; overflow: hidden; font-size: 1px; line-height: 1px; color: #eef1f6; }\n  .card { background-color: #ffffff; border: 1px solid #dde3ec; border-radius: 12px; width: 100%; max-width: 600px; }\n  .inside { padding: 26px 30px 24px 30px; }\n  .tag { display: inline-block; background-color: #e8edfd; color: #2f4bc0; border-radius: 999px; font-size: 12px; font-weight: 600; line-height: 1.5; padding: 3px 12px; }\n  .who { color: #111827; font-size: 23px; font-weight: 700; line-height: 1.35; margin: 12px 0 0 0; }\n  .what { color: #5a6478; font-size: 15px; margin: 2px 0 0 0; }\n  .lead { margin: 16px 0 0 0; }\n  .next { margin: 2px 0 0 0; }\n  .facts { border-top: 1px solid #e6eaf1; margin: 18px 0 0 0; width: 100%; }\n  .facts td { border-bottom: 1px solid #e6eaf1; padding: 9px 0; vertical-align: top; font-size: 15px; line-height: 1.5; }\n  .facts td.name { color: #6b7588; font-size: 13px; padding-right: 16px; padding-top: 10px; white-space: nowrap; width: 1%; }\n  .facts td.urgent { color: #a3400a; font-weight: 700; }\n  .ask { background-color: #f2f5fe; border-left: 4px solid #3b5bdb; border-radius: 0 8px 8px 0; margin: 20px 0 0 0; width: 100%; }\n  .ask td { padding: 13px 16px 14px 16px; font-size: 16px; line-height: 1.6; font-weight: 600; color: #1c2434; }\n  .ask .name { color: #2f4bc0; display: block; font-size: 12px; font-weight: 700; margin: 0 0 2px 0; }\n  .button { border-radius: 8px; background-color: #3b5bdb; }\n  .button a { color: #ffffff; display: inline-block; font-size: 15px; font-weight: 600; line-height: 1.2; padding: 12px 22px; text-decoration: none; }\n  .offers { margin: 18px 0 0 0; }\n  .offer { background-color: #ffffff; border: 1px solid #b9c2d0; border-radius: 8px; color: #1c2434; display: inline-block; font-size: 15px; font-weight: 600; line-height: 1.2; margin: 0 6px 8px 0; padding: 12px 18px; text-decoration: none; }\n  .offer-primary { background-color: #3b5bdb; border-color: #3b5bdb; color: #ffffff; }\n  .offer-danger { color: #b42318; }\n  .rest { font-size: 13px; line-height: 2; margin: 2px 0 0 0; }\n  .rest a { color: #2f4bc0; margin: 0 14px 0 0; text-decoration: none; }\n  .small { color: #6b7588; font-size: 13px; line-height: 1.6; margin: 16px 0 0 0; }\n  .command { background-color: #f3f5f9; border-radius: 5px; color: #2b3547; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 12.5px; padding: 2px 7px; }\n  .item { border-top: 1px solid #dde3ec; margin: 22px 0 0 0; padding: 20px 0 0 0; }\n  .item .who { font-size: 18px; margin: 0; }\n  .item .what { font-size: 14px; }\n  .below { color: #7a8498; font-size: 12px; line-height: 1.6; padding: 16px 12px 0 12px; text-align: center; }\n  .link { color: #2f4bc0; font-weight: 600; text-decoration: none; }\n  @media (max-width: 520px) {\n    .inside { padding: 22px 18px 20px 18px !important; }\n    .who { font-size: 20px !important; }\n    .outer { padding: 12px 8px 28px 8px !important; }\n  }\n  @media (prefers-color-scheme: dark) {\n    body, .page { background-color: #10141c !important; }\n    .hidden { color: #10141c !important; }\n    .card { background-color: #1a202c !important; border-color: #2c3545 !important; }\n    .text, .facts td, .ask td, .lead { color: #e4e8f0 !important; }\n    .who { color: #f7f9fc !important; }\n    .what, .small, .below, .facts td.name { color: #9aa5b8 !important; }\n    .facts, .facts td, .item { border-color: #2c3545 !important; }\n    .facts td.urgent { color: #ffb27a !important; }\n    .tag { background-color: #26335e !important; color: #b9c7ff !important; }\n    .ask { background-color: #20294a !important; border-color: #7c95ff !important; }\n    .ask .name, .link, .rest a { color: #a9baff !important; }\n    .offer { background-color: #232b3a !important; border-color: #4a566b !important; color: #e4e8f0 !important; }\n    .offer-primary { background-color: #4a69e8 !important; border-color: #4a69e8 !important; color: #ffffff !important; }\n    .offer-danger { color: #ff9d91 !important; }\n    .command { background-color: #262e3d !important; color: #dbe2ee !important; }\n  }\n</style>\n</head>\n<body>\n<span class=\"hidden\">2 renewals, \u00a55,880,000</span>\n<table role=\"presentation\" class=\"page\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"outer\" align=\"center\" style=\"padding: 28px 12px 40px 12px;\">\n<table role=\"presentation\" class=\"card\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"inside text\">\n<span class=\"tag\">Your team</span>\n<p class=\"who\">Your team''s renewals | Thu 1 Oct</p>\n<p class=\"lead\">Hello Bob Hill,</p>\n<p class=\"lead next\">2 renewals, \u00a55,880,000<br>0 unanswered | 0 notices | 0 uncertain | 2 not assessed</p>\n<p class=\"small\">Forecast until Wed 31 Mar: commit \u00a50 (unchanged since last week), likely \u00a50, at risk \u00a50, not assessed \u00a53,600,000<br>Forecast until Wed 31 Mar: commit \u00a30.00 (unchanged since last week), likely \u00a30.00, at risk \u00a30.00, not assessed \u00a312,000.00</p>\n<img src=\"cid:forecast\" width=\"520\" alt=\"Forecast, a week ago and now\" style=\"display: block; height: auto; margin: 10px 0 0 0; max-width: 100%; width: 520px;\">\n<table role=\"presentation\" class=\"facts\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td><strong>Ann Ito</strong><br>\n1 renewal, \u00a52,280,000<br>\nNothing unanswered | 1 not assessed</td></tr>\n<tr><td><strong>\u5343\u4f73 \u7530\u4e2d</strong><br>\n1 renewal, \u00a53,600,000<br>\nNothing unanswered | 1 not assessed</td></tr>\n</table>\n</td></tr>\n</table>\n<div class=\"below text\">The weekly summary for managers. Amounts are in JPY where there is a rate.</div>\n</td></tr>\n</table>\n</body>\n</html>"}',NULL,NULL,'39e3a9fb59d1fe9f');
INSERT INTO "messages" VALUES(3,'23c1e611-6226-5599-83ef-d0c00f590297','nudges','person:3',3,'preview','chika@example.jp','ja','2027-01-04',NULL,'sent','','2027-01-04 03:00:00.000000','2027-01-04 03:00:00.000000','vm:30079',NULL,1,1,0,'2027-01-04 03:00:00.000000','2027-01-04 03:00:00.000000','preview',NULL,'【要確認】青葉商事様 解約通知期限30日前(期限1/29)','{"text": "\u5343\u4f73 \u7530\u4e2d\u3055\u3093\n\n\u89e3\u7d04\u901a\u77e5\u306e\u671f\u9650\u307e\u3067\u3001\u3042\u306827\u65e5\u3067\u3059\u3002\u671f\u9650\u3092\u904e\u304e\u308b\u3068\u3001\u3054\u5951\u7d04\u306f\u81ea\u52d5\u66f4\u65b0\u3068\u306a\u308a\u307e\u3059\u3002\n\n\u25a0 \u89e3\u7d04\u901a\u77e5\u671f\u965030\u65e5\u524d\uff5c\u9752\u8449\u5546\u4e8b\u69d8\uff5cPro\u30fb\u00a53,600,000/\u5e74\n\u6e80\u4e86 2027/3/31(\u6c34)\u30fb\u3042\u306886\u65e5\uff5c\u81ea\u52d5\u66f4\u65b0\u3042\u308a\n\u89e3\u7d04\u901a\u77e5\u671f\u9650 1/31(\u65e5)\uff1a\u5b9f\u8cea 1/29(\u91d1)\n\u30d8\u30eb\u30b9\uff1a\u672a\u8a55\u4fa1\n\n\u304a\u9858\u3044\uff1a\u89e3\u7d04\u3084\u6761\u4ef6\u5909\u66f4\u306e\u3054\u5e0c\u671b\u304c\u306a\u3044\u304b\u3001\u671f\u9650\u307e\u3067\u306b\u5148\u65b9\u3078\u3054\u78ba\u8a8d\u304f\u3060\u3055\u3044\u3002\n\n\u56de\u7b54\uff1arenewals answer C-1 call renew\n\n--\n\u89e3\u7d04\u901a\u77e5\u671f\u965030\u65e5\u524d\n", "html": "<!DOCTYPE html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"supported-color-schemes\" content=\"light dark\">\n<title>\u9752\u8449\u5546\u4e8b\u69d8 \u89e3\u7d04\u901a\u77e5\u671f\u965030\u65e5\u524d</title>\n<style>\n  body { margin: 0; padding: 0; background-color: #eef1f6; }\n  .page { background-color: #eef1f6; width: 100%; }\n  .text { font-family: -apple-system, BlinkMacSystemFont, \"Segoe UI\", \"Hiragino Sans\", \"Noto Sans JP\", \"Noto Sans CJK JP\", Meiryo, Roboto, Helvetica, Arial, sans-serif; color: #1c2434; font-size: 15px; line-height: 1.65; }\n  .hidden { display: none; max-height: 0; overflow: hidden; font-size: 1px; line-height: 1px; color: #eef1f6; }\n  .card { background-color: #ffffff; border: 1px solid #dde3ec; border-radius: 12px; width: 100%; max-width: 600px; }\n  .inside { padding: 26px 30px 24px 30px; }\n  .tag { display: inline-block; background-color: #e8edfd; color: #2f4bc0; border-radius: 999px; font-size: 12px; font-weight: 600; line-height: 1.5; padding: 3px 12px; }\n  .who { color: #111827; font-size: 23px; font-weight: 700; line-height: 1.35; margin: 12px 0 0 0; }\n  .what { color: #5a6478; font-size: 15px; margin: 2px 0 0 0; }\n  .lead { margin: 16px 0 0 0; }\n  .next { margin: 2px 0 0 0; }\n  .facts { border-top: 1px solid #e6eaf1; margin: 18px 0 0 0; width: 100%; }\n  .facts td { border-bottom: 1px solid #e6eaf1; padding: 9px 0; vertical-align: top; font-size: 15px; line-height: 1.5; }\n  .facts td.name { color: #6b7588; font-size: 13px; padding-right: 16px; padding-top: 10px; white-space: nowrap; width: 1%; }\n  .facts td.urgent { color: #a3400a; font-weight: 700; }\n  .ask { background-color: #f2f5fe; border-left: 4px solid #3b5bdb; border-radius: 0 8px 8px 0; margin: 20px 0 0 0; width: 100%; }\n  .ask td { padding: 13px 16px 14px 16px; font-size: 16px; line-height: 1.6; font-weight: 600; color: #1c2434; }\n  .ask .name { color: #2f4bc0; display: block; font-size: 12px; font-weight: 700; margin: 0 0 2px 0; }\n  .button { border-radius: 8px; background-color: #3b5bdb; }\n  .button a { color: #ffffff; display: inline-block; font-size: 15px; font-weight: 600; line-height: 1.2; padding: 12px 22px; text-decoration: none; }\n  .offers { margin: 18px 0 0 0; }\n  .offer { background-color: #ffffff; border: 1px solid #b9c2d0; border-radius: 8px; color: #1c2434; display: inline-block; font-size: 15px; font-weight: 600; line-height: 1.2; margin: 0 6px 8px 0; padding: 12px 18px; text-decoration: none; }\n  .offer-primary { background-color: #3b5bdb; border-color: #3b5bdb; color: #ffffff; }\n  .offer-danger { color: #b42318; }\n  .rest { font-size: 13px; line-height: 2; margin: 2px 0 0 0; }\n  .rest a { color: #2f4bc0; margin: 0 14px 0 0; text-decoration: none; }\n  .small { color: #6b7588; font-size: 13px; line-height: 1.6; margin: 16px 0 0 0; }\n  .command { background-color: #f3f5f9; border-radius: 5px; color: #2b3547; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 12.5px; padding: 2px 7px; }\n  .item { border-top: 1px solid #dde3ec; margin: 22px 0 0 0; padding: 20px 0 0 0; }\n  .item .who { font-size: 18px; margin: 0; }\n  .item .what { font-size: 14px; }\n  .below { color: #7a8498; font-size: 12px; line-height: 1.6; padding: 16px 12px 0 12px; text-align: center; }\n  .link { color: #2f4bc0; font-weight: 600; text-decoration: none; }\n  @media (max-width: 520px) {\n    .inside { padding: 22px 18px 20px 18px !important; }\n    .who { font-size: 20px !important; }\n    .outer { padding: 12px 8px 28px 8px !important; }\n  }\n  @media (prefers-color-scheme: dark) {\n    body, .page { background-color: #10141c !important; }\n    .hidden { color: #10141c !important; }\n    .card { background-color: #1a202c !important; border-color: #2c3545 !important; }\n    .text, .facts td, .ask td, .lead { color: #e4e8f0 !important; }\n    .who { color: #f7f9fc !important; }\n    .what, .small, .below, .facts td.name { color: #9aa5b8 !important; }\n    .facts, .facts td, .item { border-color: #2c3545 !important; }\n    .facts td.urgent { color: #ffb27a !important; }\n    .tag { background-color: #26335e !important; color: #b9c7ff !important; }\n    .ask { background-color: #20294a !important; border-color: #7c95ff !important; }\n    .ask .name, .link, .rest a { color: #a9baff !important; }\n    .offer { background-color: #232b3a !important; border-color: #4a566b !important; color: #e4e8f0 !important; }\n    .offer-primary { background-color: #4a69e8 !important; border-color: #4a69e8 !important; color: #ffffff !important; }\n    .offer-danger { color: #ff9d91 !important; }\n    .command { background-color: #262e3d !important; color: #dbe2ee !important; }\n  }\n</style>\n</head>\n<body>\n<span class=\"hidden\">\u89e3\u7d04\u3084\u6761\u4ef6\u5909\u66f4\u306e\u3054\u5e0c\u671b\u304c\u306a\u3044\u304b\u3001\u671f\u9650\u307e\u3067\u306b\u5148\u65b9\u3078\u3054\u78ba\u8a8d\u304f\u3060\u3055\u3044\u3002</span>\n<table role=\"presentation\" class=\"page\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"outer\" align=\"center\" style=\"padding: 28px 12px 40px 12px;\">\n<table role=\"presentation\" class=\"card\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"inside text\">\n<span class=\"tag\">\u89e3\u7d04\u901a\u77e5\u671f\u965030\u65e5\u524d</span>\n<p class=\"who\">\u9752\u8449\u5546\u4e8b\u69d8</p>\n<p class=\"what\">Pro\u30fb\u00a53,600,000/\u5e74</p>\n<p class=\"lead\">\u5343\u4f73 \u7530\u4e2d\u3055\u3093</p>\n<p class=\"lead next\">\u89e3\u7d04\u901a\u77e5\u306e\u671f\u9650\u307e\u3067\u3001\u3042\u306827\u65e5\u3067\u3059\u3002\u671f\u9650\u3092\u904e\u304e\u308b\u3068\u3001\u3054\u5951\u7d04\u306f\u81ea\u52d5\u66f4\u65b0\u3068\u306a\u308a\u307e\u3059\u3002</p>\n<table role=\"presentation\" class=\"facts\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"name\">\u89e3\u7d04\u901a\u77e5\u671f\u9650</td><td class=urgent>1/31(\u65e5)\uff1a\u5b9f\u8cea 1/29(\u91d1)</td></tr>\n\n<tr><td class=\"name\">\u6e80\u4e86</td><td>2027/3/31(\u6c34)\u30fb\u3042\u306886\u65e5</td></tr>\n\n<tr><td class=\"name\">\u66f4\u65b0</td><td>\u81ea\u52d5\u66f4\u65b0\u3042\u308a</td></tr>\n\n<tr><td class=\"name\">\u30d8\u30eb\u30b9</td><td>\u672a\u8a55\u4fa1</td></tr>\n\n</table><table role=\"presentation\" class=\"ask\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr><td><span class=\"name\">\u304a\u9858\u3044</span>\u89e3\u7d04\u3084\u6761\u4ef6\u5909\u66f4\u306e\u3054\u5e0c\u671b\u304c\u306a\u3044\u304b\u3001\u671f\u9650\u307e\u3067\u306b\u5148\u65b9\u3078\u3054\u78ba\u8a8d\u304f\u3060\u3055\u3044\u3002</td></tr></table>\n\n<p class=\"small\">\u30b3\u30de\u30f3\u30c9\u3067\u56de\u7b54\uff1a<span class=\"command\">renewals answer C-1 call renew</span></p>\n</td></tr>\n</table>\n<div class=\"below text\">\u89e3\u7d04\u901a\u77e5\u671f\u965030\u65e5\u524d</div>\n</td></tr>\n</table>\n</body>\n</html>"}',NULL,NULL,'477e3fcfac539ba4');
INSERT INTO "messages" VALUES(4,'aff42a79-022a-54f9-a93b-13cf4eed6084','weekly','person:3',3,'preview','chika@example.jp','ja','2027-01-04','{"today": "2027-01-04", "since": null, "ahead": 90, "open": 1, "prospects": 0, "all": 1, "amount": 3600000, "currency": "JPY", "without": 0, "total": {"amount": 3600000, "currency": "JPY", "without": 0, "others": []}, "due": 1, "due_total": {"amount": 3600000, "currency": "JPY", "without": 0, "others": []}, "ended": 0, "history": 0, "notices": 0, "doubt": 0, "unanswered": 1, "not_assessed": 1, "counts": {"open": 1, "prospects": 0, "all": 1, "amount": 3600000, "currency": "JPY", "without": 0, "total": {"amount": 3600000, "currency": "JPY", "without": 0, "others": []}, "due": 1, "due_total": {"amount": 3600000, "currency": "JPY", "without": 0, "others": []}, "ended": 0, "history": 0, "notices": 0, "doubt": 0, "unanswered": 1, "not_assessed": 1}, "weeks": [{"monday": "2027-01-25", "ahead": 3, "lines": [{"deal": 1, "customer": "\u9752\u8449\u5546\u4e8b", "number": "C-1", "product": "Pro", "amount": 3600000, "currency": "JPY", "per": "/\u5e74", "owner": "\u5343\u4f73 \u7530\u4e2d", "ends_on": "2027-03-31", "deadline_on": "2027-01-29", "risk": 53333.3333, "on": "2027-01-31", "days_left": 27, "kind": "deadline", "label": "\u89e3\u7d04\u901a\u77e5\u671f\u9650", "working": "2027-01-29"}]}, {"monday": "2027-02-01", "ahead": 4, "lines": [{"deal": 1, "customer": "\u9752\u8449\u5546\u4e8b", "number": "C-1", "product": "Pro", "amount": 3600000, "currency": "JPY", "per": "/\u5e74", "owner": "\u5343\u4f73 \u7530\u4e2d", "ends_on": "2027-03-31", "deadline_on": "2027-01-29", "risk": 53333.3333, "on": "2027-02-03", "days_left": 30, "kind": "outcome", "label": "\u81ea\u52d5\u66f4\u65b0", "working": "2027-02-03"}]}], "coming": 2, "coming_contracts": 1, "coming_rest": 0, "waiting": [{"deal": 1, "customer": "\u9752\u8449\u5546\u4e8b", "number": "C-1", "product": "Pro", "amount": 3600000, "currency": "JPY", "per": "/\u5e74", "owner": "\u5343\u4f73 \u7530\u4e2d", "ends_on": "2027-03-31", "deadline_on": "2027-01-29", "risk": 53333.3333, "question": "\u89e3\u7d04\u901a\u77e5\u671f\u965030\u65e5\u524d", "days": 3, "quiet_until": null}], "waiting_count": 1, "waiting_rest": 0, "to_record": [], "to_record_count": 0, "to_record_rest": 0, "history_lines": [], "history_lines_count": 0, "history_lines_rest": 0, "won": [], "lost": [], "moved": [], "ends": [], "new": [], "healths": [], "won_count": 0, "lost_count": 0, "moved_count": 0, "ends_count": 0, "new_count": 0, "healths_count": 0, "changes": 0, "week": "2027-W01"}','sent','','2027-01-04 03:00:00.000000','2027-01-04 03:00:00.000000','vm:30079',NULL,1,1,0,'2027-01-04 03:00:00.000000','2027-01-04 03:00:00.000000','preview',NULL,'【今週の予定】回答待ち 1件・90日以内の予定 1件','{"text": "\u5343\u4f73 \u7530\u4e2d\u3055\u3093\n\n\u4eca\u9031\u306e\u66f4\u65b0\u4e88\u5b9a\uff5c1/4(\u6708)\n\u66f4\u65b0 1\u4ef6\u30fb\u00a53,600,000\u30fb90\u65e5\u4ee5\u5185\u306b\u671f\u9650 1\u4ef6\n\n\u25a0 \u56de\u7b54\u3092\u304a\u5f85\u3061\u3057\u3066\u3044\u307e\u3059(1\u4ef6)\n\u30fb\u9752\u8449\u5546\u4e8b\u69d8(C-1)\uff5c\u89e3\u7d04\u901a\u77e5\u671f\u965030\u65e5\u524d\uff5c3\u65e5\u7d4c\u904e\uff5c\u671f\u9650 1/29(\u91d1)\n\u56de\u7b54\uff1a\u5c4a\u3044\u305f\u30ea\u30de\u30a4\u30f3\u30c9\u304b\u3089\u3001\u307e\u305f\u306f renewals answer \u5951\u7d04\u756a\u53f7\n\n\u25a0 1/25\u306e\u9031\n\u30fb1/31(\u65e5) \u9752\u8449\u5546\u4e8b\u69d8\uff5c\u89e3\u7d04\u901a\u77e5\u671f\u9650(\u5b9f\u8cea 1/29(\u91d1))\uff5cPro\u30fb\u00a53,600,000/\u5e74\n\n\u25a0 2/1\u306e\u9031\n\u30fb2/3(\u6c34) \u9752\u8449\u5546\u4e8b\u69d8\uff5c\u81ea\u52d5\u66f4\u65b0\uff5cPro\u30fb\u00a53,600,000/\u5e74\n\n\u3053\u308c\u304c\u6700\u521d\u306e\u307e\u3068\u3081\u3067\u3059\u3002\u6b21\u56de\u304b\u3089\u3001\u524d\u56de\u4ee5\u964d\u306e\u5909\u5316\u3082\u304a\u77e5\u3089\u305b\u3057\u307e\u3059\u3002\n\n--\n\u6bce\u9031\u306e\u307e\u3068\u3081\u3067\u3059\u3002\u671f\u9650\u306e\u8fd1\u3044\u3082\u306e\u306f\u3001\u3053\u308c\u3068\u306f\u5225\u306b\u305d\u306e\u90fd\u5ea6\u304a\u77e5\u3089\u305b\u3057\u307e\u3059\u3002\n", "html": "<!DOCTYPE html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"supported-color-schemes\" content=\"light dark\">\n<title>\u4eca\u9031\u306e\u66f4\u65b0\u4e88\u5b9a\uff5c1/4(\u6708)</title>\n<style>\n  body { margin: 0; padding: 0; background-color: #eef1f6; }\n  .page { background-color: #eef1f6; width: 100%; }\n  .text { font-family: -apple-system, BlinkMacSystemFont, \"Segoe UI\", \"Hiragino Sans\", \"Noto Sans JP\", \"Noto Sans CJK JP\", Meiryo, Roboto, Helvetica, Arial, sans-serif; color: #1c2434; font-size: 15px; line-height: 1.65; }\n  .hidden { display: none; max-height: 0; overflow: hidden; font-size: 1px; line-height: 1px; color: #eef1f6; }\n  .card { background-color: #ffffff; border: 1px solid #dde3ec; border-radius: 12px; width: 100%; max-width: 600px; }\n  .inside { padding: 26px 30px 24px 30px; }\n  .tag { display: inline-block; background-color: #e8edfd; color: #2f4bc0; border-radius: 999px; font-size: 12px; font-weight: 600; line-height: 1.5; padding: 3px 12px; }\n  .who { color: #111827; font-size: 23px; font-weight: 700; line-height: 1.35; margin: 12px 0 0 0; }\n  .what { color: #5a6478; font-size: 15px; margin: 2px 0 0 0; }\n  .lead { margin: 16px 0 0 0; }\n  .next { margin: 2px 0 0 0; }\n  .facts { border-top: 1px solid #e6eaf1; margin: 18px 0 0 0; width: 100%; }\n  .facts td { border-bottom: 1px solid #e6eaf1; padding: 9px 0; vertical-align: top; font-size: 15px; line-height: 1.5; }\n  .facts td.name { color: #6b7588; font-size: 13px; padding-right: 16px; padding-top: 10px; white-space: nowrap; width: 1%; }\n  .facts td.urgent { color: #a3400a; font-weight: 700; }\n  .ask { background-color: #f2f5fe; border-left: 4px solid #3b5bdb; border-radius: 0 8px 8px 0; margin: 20px 0 0 0; width: 100%; }\n  .ask td { padding: 13px 16px 14px 16px; font-size: 16px; line-height: 1.6; font-weight: 600; color: #1c2434; }\n  .ask .name { color: #2f4bc0; display: block; font-size: 12px; font-weight: 700; margin: 0 0 2px 0; }\n  .button { border-radius: 8px; background-color: #3b5bdb; }\n  .button a { color: #ffffff; display: inline-block; font-size: 15px; font-weight: 600; line-height: 1.2; padding: 12px 22px; text-decoration: none; }\n  .offers { margin: 18px 0 0 0; }\n  .offer { background-color: #ffffff; border: 1px solid #b9c2d0; border-radius: 8px; color: #1c2434; display: inline-block; font-size: 15px; font-weight: 600; line-height: 1.2; margin: 0 6px 8px 0; padding: 12px 18px; text-decoration: none; }\n  .offer-primary { background-color: #3b5bdb; border-color: #3b5bdb; color: #ffffff; }\n  .offer-danger { color: #b42318; }\n  .rest { font-size: 13px; line-height: 2; margin: 2px 0 0 0; }\n  .rest a { color: #2f4bc0; margin: 0 14px 0 0; text-decoration: none; }\n  .small { color: #6b7588; font-size: 13px; line-height: 1.6; margin: 16px 0 0 0; }\n  .command { background-color: #f3f5f9; border-radius: 5px; color: #2b3547; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 12.5px; padding: 2px 7px; }\n  .item { border-top: 1px solid #dde3ec; margin: 22px 0 0 0; padding: 20px 0 0 0; }\n  .item .who { font-size: 18px; margin: 0; }\n  .item .what { font-size: 14px; }\n  .below { color: #7a8498; font-size: 12px; line-height: 1.6; padding: 16px 12px 0 12px; text-align: center; }\n  .link { color: #2f4bc0; font-weight: 600; text-decoration: none; }\n  @media (max-width: 520px) {\n    .inside { padding: 22px 18px 20px 18px !important; }\n    .who { font-size: 20px !important; }\n    .outer { padding: 12px 8px 28px 8px !important; }\n  }\n  @media (prefers-color-scheme: dark) {\n    body, .page { background-color: #10141c !important; }\n    .hidden { color: #10141c !important; }\n    .card { background-color: #1a202c !important; border-color: #2c3545 !important; }\n    .text, .facts td, .ask td, .lead { color: #e4e8f0 !important; }\n    .who { color: #f7f9fc !important; }\n    .what, .small, .below, .facts td.name { color: #9aa5b8 !important; }\n    .facts, .facts td, .item { border-color: #2c3545 !important; }\n    .facts td.urgent { color: #ffb27a !important; }\n    .tag { background-color: #26335e !important; color: #b9c7ff !important; }\n    .ask { background-color: #20294a !important; border-color: #7c95ff !important; }\n    .ask .name, .link, .rest a { color: #a9baff !important; }\n    .offer { background-color: #232b3a !important; border-color: #4a566b !important; color: #e4e8f0 !important; }\n    .offer-primary { background-color: #4a69e8 !important; border-color: #4a69e8 !important; color: #ffffff !important; }\n    .offer-danger { color: #ff9d91 !important; }\n    .command { background-color: #262e3d !important; color: #dbe2ee !important; }\n  }\n</style>\n</head>\n<body>\n<span class=\"hidden\">\u66f4\u65b0 1\u4ef6\u30fb\u00a53,600,000\u30fb90\u65e5\u4ee5\u5185\u306b\u671f\u9650 1\u4ef6</span>\n<table role=\"presentation\" class=\"page\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"outer\" align=\"center\" style=\"padding: 28px 12px 40px 12px;\">\n<table role=\"presentation\" class=\"card\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"inside text\">\n<span class=\"tag\">\u4eca\u9031\u306e\u307e\u3068\u3081</span>\n<p class=\"who\">\u4eca\u9031\u306e\u66f4\u65b0\u4e88\u5b9a\uff5c1/4(\u6708)</p>\n<p class=\"lead\">\u5343\u4f73 \u7530\u4e2d\u3055\u3093</p>\n<p class=\"lead next\">\u66f4\u65b0 1\u4ef6\u30fb\u00a53,600,000\u30fb90\u65e5\u4ee5\u5185\u306b\u671f\u9650 1\u4ef6</p>\n<div class=\"item\">\n<p class=\"who\">\u56de\u7b54\u3092\u304a\u5f85\u3061\u3057\u3066\u3044\u307e\u3059(1\u4ef6)</p>\n<table role=\"presentation\" class=\"facts\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td><strong>\u9752\u8449\u5546\u4e8b\u69d8</strong> <span class=\"small\">C-1</span><br>\n\u89e3\u7d04\u901a\u77e5\u671f\u965030\u65e5\u524d\uff5c\u671f\u9650 1/29(\u91d1)</td><td class=\"name\">3\u65e5\u7d4c\u904e</td></tr>\n</table>\n<p class=\"small\">\u56de\u7b54\uff1a\u5c4a\u3044\u305f\u30ea\u30de\u30a4\u30f3\u30c9\u304b\u3089\u3001\u307e\u305f\u306f renewals answer \u5951\u7d04\u756a\u53f7</p>\n</div>\n<div class=\"item\">\n<p class=\"who\">1/25\u306e\u9031</p>\n<table role=\"presentation\" class=\"facts\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"name\">1/31(\u65e5)</td><td class=urgent><strong>\u9752\u8449\u5546\u4e8b\u69d8</strong>\uff5c\u89e3\u7d04\u901a\u77e5\u671f\u9650(\u5b9f\u8cea 1/29(\u91d1))<br>\n<span class=\"what\" style=\"font-weight: 400;\">Pro\u30fb\u00a53,600,000/\u5e74</span></td></tr>\n</table>\n</div>\n<div class=\"item\">\n<p class=\"who\">2/1\u306e\u9031</p>\n<table role=\"presentation\" class=\"facts\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"name\">2/3(\u6c34)</td><td><strong>\u9752\u8449\u5546\u4e8b\u69d8</strong>\uff5c\u81ea\u52d5\u66f4\u65b0<br>\n<span class=\"what\" style=\"font-weight: 400;\">Pro\u30fb\u00a53,600,000/\u5e74</span></td></tr>\n</table>\n</div>\n<p class=\"small\">\u3053\u308c\u304c\u6700\u521d\u306e\u307e\u3068\u3081\u3067\u3059\u3002\u6b21\u56de\u304b\u3089\u3001\u524d\u56de\u4ee5\u964d\u306e\u5909\u5316\u3082\u304a\u77e5\u3089\u305b\u3057\u307e\u3059\u3002</p>\n</td></tr>\n</table>\n<div class=\"below text\">\u6bce\u9031\u306e\u307e\u3068\u3081\u3067\u3059\u3002\u671f\u9650\u306e\u8fd1\u3044\u3082\u306e\u306f\u3001\u3053\u308c\u3068\u306f\u5225\u306b\u305d\u306e\u90fd\u5ea6\u304a\u77e5\u3089\u305b\u3057\u307e\u3059\u3002</div>\n</td></tr>\n</table>\n</body>\n</html>"}',NULL,NULL,'ddfa5c094fe25b32');
INSERT INTO "messages" VALUES(5,'1f57dc55-525a-5176-ae24-39db95fd9f50','nudges','person:1',1,'preview','ann@example.com','en','2027-01-04',NULL,'sent','','2027-01-04 12:00:00.000000','2027-01-04 12:00:00.000000','vm:30186',NULL,1,1,0,'2027-01-04 12:00:00.000000','2027-01-04 12:00:00.000000','preview',NULL,'[Action needed] Beta Ltd: 3 months before renewal (deadline 1 Mar)','{"text": "Hello Ann Ito,\n\nThe contract ends in 86 days. It is time to start talking about the renewal.\n\n3 months before renewal | Beta Ltd | Pro, \u00a312,000.00/year\nEnds Wed 31 Mar 2027, in 86 days | No automatic renewal\nDecision deadline Mon 1 Mar\nHealth: Not assessed\n\nTo do: Confirm that they want to continue, and when their budget and approval will be settled.\n\nAnswer: renewals answer C-2 call renew\n\n--\n3 months before the end\n", "html": "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"supported-color-schemes\" content=\"light dark\">\n<title>Beta Ltd: 3 months before renewal</title>\n<style>\n  body { margin: 0; padding: 0; background-color: #eef1f6; }\n  .page { background-color: #eef1f6; width: 100%; }\n  .text { font-family: -apple-system, BlinkMacSystemFont, \"Segoe UI\", \"Hiragino Sans\", \"Noto Sans JP\", \"Noto Sans CJK JP\", Meiryo, Roboto, Helvetica, Arial, sans-serif; color: #1c2434; font-size: 15px; line-height: 1.65; }\n  .hidden { display: none; max-height: 0; overflow: hidden; font-size: 1px; line-height: 1px; color: #eef1f6; }\n  .card { background-color: #ffffff; border: 1px solid #dde3ec; border-radius: 12px; width: 100%; max-width: 600px; }\n  .inside { padding: 26px 30px 24px 30px; }\n  .tag { display: inline-block; background-color: #e8edfd; color: #2f4bc0; border-radius: 999px; font-size: 12px; font-weight: 600; line-height: 1.5; padding: 3px 12px; }\n  .who { color: #111827; font-size: 23px; font-weight: 700; line-height: 1.35; margin: 12px 0 0 0; }\n  .what { color: #5a6478; font-size: 15px; margin: 2px 0 0 0; }\n  .lead { margin: 16px 0 0 0; }\n  .next { margin: 2px 0 0 0; }\n  .facts { border-top: 1px solid #e6eaf1; margin: 18px 0 0 0; width: 100%; }\n  .facts td { border-bottom: 1px solid #e6eaf1; padding: 9px 0; vertical-align: top; font-size: 15px; line-height: 1.5; }\n  .facts td.name { color: #6b7588; font-size: 13px; padding-right: 16px; padding-top: 10px; white-space: nowrap; width: 1%; }\n  .facts td.urgent { color: #a3400a; font-weight: 700; }\n  .ask { background-color: #f2f5fe; border-left: 4px solid #3b5bdb; border-radius: 0 8px 8px 0; margin: 20px 0 0 0; width: 100%; }\n  .ask td { padding: 13px 16px 14px 16px; font-size: 16px; line-height: 1.6; font-weight: 600; color: #1c2434; }\n  .ask .name { color: #2f4bc0; display: block; font-size: 12px; font-weight: 700; margin: 0 0 2px 0; }\n  .button { border-radius: 8px; background-color: #3b5bdb; }\n  .button a { color: #ffffff; display: inline-block; font-size: 15px; font-weight: 600; line-height: 1.2; padding: 12px 22px; text-decoration: none; }\n  .offers { margin: 18px 0 0 0; }\n  .offer { background-color: #ffffff; border: 1px solid #b9c2d0; border-radius: 8px; color: #1c2434; display: inline-block; font-size: 15px; font-weight: 600; line-height: 1.2; margin: 0 6px 8px 0; padding: 12px 18px; text-decoration: none; }\n  .offer-primary { background-color: #3b5bdb; border-color: #3b5bdb; color: #ffffff; }\n  .offer-danger { color: #b42318; }\n  .rest { font-size: 13px; line-height: 2; margin: 2px 0 0 0; }\n  .rest a { color: #2f4bc0; margin: 0 14px 0 0; text-decoration: none; }\n  .small { color: #6b7588; font-size: 13px; line-height: 1.6; margin: 16px 0 0 0; }\n  .command { background-color: #f3f5f9; border-radius: 5px; color: #2b3547; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 12.5px; padding: 2px 7px; }\n  .item { border-top: 1px solid #dde3ec; margin: 22px 0 0 0; padding: 20px 0 0 0; }\n  .item .who { font-size: 18px; margin: 0; }\n  .item .what { font-size: 14px; }\n  .below { color: #7a8498; font-size: 12px; line-height: 1.6; padding: 16px 12px 0 12px; text-align: center; }\n  .link { color: #2f4bc0; font-weight: 600; text-decoration: none; }\n  @media (max-width: 520px) {\n    .inside { padding: 22px 18px 20px 18px !important; }\n    .who { font-size: 20px !important; }\n    .outer { padding: 12px 8px 28px 8px !important; }\n  }\n  @media (prefers-color-scheme: dark) {\n    body, .page { background-color: #10141c !important; }\n    .hidden { color: #10141c !important; }\n    .card { background-color: #1a202c !important; border-color: #2c3545 !important; }\n    .text, .facts td, .ask td, .lead { color: #e4e8f0 !important; }\n    .who { color: #f7f9fc !important; }\n    .what, .small, .below, .facts td.name { color: #9aa5b8 !important; }\n    .facts, .facts td, .item { border-color: #2c3545 !important; }\n    .facts td.urgent { color: #ffb27a !important; }\n    .tag { background-color: #26335e !important; color: #b9c7ff !important; }\n    .ask { background-color: #20294a !important; border-color: #7c95ff !important; }\n    .ask .name, .link, .rest a { color: #a9baff !important; }\n    .offer { background-color: #232b3a !important; border-color: #4a566b !important; color: #e4e8f0 !important; }\n    .offer-primary { background-color: #4a69e8 !important; border-color: #4a69e8 !important; color: #ffffff !important; }\n    .offer-danger { color: #ff9d91 !important; }\n    .command { background-color: #262e3d !important; color: #dbe2ee !important; }\n  }\n</style>\n</head>\n<body>\n<span class=\"hidden\">Confirm that they want to continue, and when their budget and approval will be settled.</span>\n<table role=\"presentation\" class=\"page\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"outer\" align=\"center\" style=\"padding: 28px 12px 40px 12px;\">\n<table role=\"presentation\" class=\"card\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"inside text\">\n<span class=\"tag\">3 months before renewal</span>\n<p class=\"who\">Beta Ltd</p>\n<p class=\"what\">Pro, \u00a312,000.00/year</p>\n<p class=\"lead\">Hello Ann Ito,</p>\n<p class=\"lead next\">The contract ends in 86 days. It is time to start talking about the renewal.</p>\n<table role=\"presentation\" class=\"facts\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"name\">Decision deadline</td><td class=urgent>Mon 1 Mar</td></tr>\n\n<tr><td class=\"name\">Ends</td><td>Wed 31 Mar 2027, in 86 days</td></tr>\n\n<tr><td class=\"name\">Renewal</td><td>No automatic renewal</td></tr>\n\n<tr><td class=\"name\">Health</td><td>Not assessed</td></tr>\n\n</table><table role=\"presentation\" class=\"ask\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr><td><span class=\"name\">To do</span>Confirm that they want to continue, and when their budget and approval will be settled.</td></tr></table>\n\n<p class=\"small\">Answer by command: <span class=\"command\">renewals answer C-2 call renew</span></p>\n</td></tr>\n</table>\n<div class=\"below text\">3 months before the end</div>\n</td></tr>\n</table>\n</body>\n</html>"}',NULL,NULL,'c2e7f632ef56450b');
INSERT INTO "messages" VALUES(6,'c678bd4e-a0e6-589d-99b8-775fb7fab31f','weekly','person:1',1,'preview','ann@example.com','en','2027-01-04','{"today": "2027-01-04", "since": "2026-10-01", "ahead": 90, "open": 1, "prospects": 0, "all": 1, "amount": 2280000, "currency": "JPY", "without": 0, "total": {"amount": 2280000, "currency": "JPY", "without": 0, "others": []}, "due": 1, "due_total": {"amount": 2280000, "currency": "JPY", "without": 0, "others": []}, "ended": 0, "history": 0, "notices": 0, "doubt": 0, "unanswered": 1, "not_assessed": 1, "counts": {"open": 1, "prospects": 0, "all": 1, "amount": 2280000, "currency": "JPY", "without": 0, "total": {"amount": 2280000, "currency": "JPY", "without": 0, "others": []}, "due": 1, "due_total": {"amount": 2280000, "currency": "JPY", "without": 0, "others": []}, "ended": 0, "history": 0, "notices": 0, "doubt": 0, "unanswered": 1, "not_assessed": 1}, "weeks": [{"monday": "2027-01-25", "ahead": 3, "lines": [{"deal": 2, "customer": "Beta Ltd", "number": "C-2", "product": "Pro", "amount": 1200000, "currency": "GBP", "per": "/year", "owner": "Ann Ito", "ends_on": "2027-03-31", "deadline_on": "2027-03-01", "risk": 16285.7143, "on": "2027-01-29", "days_left": 25, "kind": "milestone", "label": "30 days before the notice deadline", "working": "2027-01-29"}]}, {"monday": "2027-03-01", "ahead": 8, "lines": [{"deal": 2, "customer": "Beta Ltd", "number": "C-2", "product": "Pro", "amount": 1200000, "currency": "GBP", "per": "/year", "owner": "Ann Ito", "ends_on": "2027-03-31", "deadline_on": "2027-03-01", "risk": 16285.7143, "on": "2027-03-01", "days_left": 56, "kind": "deadline", "label": "Decision deadline", "working": "2027-03-01"}]}, {"monday": "2027-03-29", "ahead": 12, "lines": [{"deal": 2, "customer": "Beta Ltd", "number": "C-2", "product": "Pro", "amount": 1200000, "currency": "GBP", "per": "/year", "owner": "Ann Ito", "ends_on": "2027-03-31", "deadline_on": "2027-03-01", "risk": 16285.7143, "on": "2027-03-31", "days_left": 86, "kind": "end", "label": "End of term", "working": "2027-03-31"}]}], "coming": 3, "coming_contracts": 1, "coming_rest": 0, "waiting": [{"deal": 2, "customer": "Beta Ltd", "number": "C-2", "product": "Pro", "amount": 1200000, "currency": "GBP", "per": "/year", "owner": "Ann Ito", "ends_on": "2027-03-31", "deadline_on": "2027-03-01", "risk": 16285.7143, "question": "3 months before renewal", "days": 4, "quiet_until": null}], "waiting_count": 1, "waiting_rest": 0, "to_record": [], "to_record_count": 0, "to_record_rest": 0, "history_lines": [], "history_lines_count": 0, "history_lines_rest": 0, "won": [], "lost": [], "moved": [{"deal": 2, "customer": "Beta Ltd", "number": "C-2", "product": "Pro", "amount": 1200000, "currency": "GBP", "per": "/year", "owner": "Ann Ito", "ends_on": "2027-03-31", "from": "Stable", "to": "Renewal (3 months)", "because": "", "churn": false}], "ends": [], "new": [], "healths": [], "won_count": 0, "lost_count": 0, "moved_count": 1, "ends_count": 0, "new_count": 0, "healths_count": 0, "changes": 1, "week": "2027-W01"}','sent','','2027-01-04 12:00:00.000000','2027-01-04 12:00:00.000000','vm:30186',NULL,1,1,0,'2027-01-04 12:00:00.000000','2027-01-04 12:00:00.000000','preview',NULL,'[This week] 1 waiting for your answer, 1 contract with a date within 90 days','{"text": "Hello Ann Ito,\n\nYour renewals this week | Mon 4 Jan\n1 renewal, \u00a52,280,000, 1 due within 90 days\n\n== Waiting for your answer (1)\n\u2022 Beta Ltd (C-2) | 3 months before renewal | 4 days | deadline Mon 1 Mar\nAnswer where the reminder reached you, or with renewals answer NUMBER\n\n== Week of 25 Jan\n\u2022 Fri 29 Jan Beta Ltd | 30 days before the notice deadline | Pro, \u00a312,000.00/year\n\n== Week of 1 Mar\n\u2022 Mon 1 Mar Beta Ltd | Decision deadline | Pro, \u00a312,000.00/year\n\n== Week of 29 Mar\n\u2022 Wed 31 Mar Beta Ltd | End of term | Pro, \u00a312,000.00/year\n\n== Changed since Thu 1 Oct\n\u2022 Moved: Beta Ltd | Stable \u2192 Renewal (3 months)\n\n--\nYour weekly summary. Anything close to a deadline is also sent separately, when it is due.\n", "html": "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"supported-color-schemes\" content=\"light dark\">\n<title>Your renewals this week | Mon 4 Jan</title>\n<style>\n  body { margin: 0; padding: 0; background-color: #eef1f6; }\n  .page { background-color: #eef1f6; width: 100%; }\n  .text { font-family: -apple-system, BlinkMacSystemFont, \"Segoe UI\", \"Hiragino Sans\", \"Noto Sans JP\", \"Noto Sans CJK JP\", Meiryo, Roboto, Helvetica, Arial, sans-serif; color: #1c2434; font-size: 15px; line-height: 1.65; }\n  .hidden { display: none; max-height: 0; overflow: hidden; font-size: 1px; line-height: 1px; color: #eef1f6; }\n  .card { background-color: #ffffff; border: 1px solid #dde3ec; border-radius: 12px; width: 100%; max-width: 600px; }\n  .inside { padding: 26px 30px 24px 30px; }\n  .tag { display: inline-block; background-color: #e8edfd; color: #2f4bc0; border-radius: 999px; font-size: 12px; font-weight: 600; line-height: 1.5; padding: 3px 12px; }\n  .who { color: #111827; font-size: 23px; font-weight: 700; line-height: 1.35; margin: 12px 0 0 0; }\n  .what { color: #5a6478; font-size: 15px; margin: 2px 0 0 0; }\n  .lead { margin: 16px 0 0 0; }\n  .next { margin: 2px 0 0 0; }\n  .facts { border-top: 1px solid #e6eaf1; margin: 18px 0 0 0; width: 100%; }\n  .facts td { border-bottom: 1px solid #e6eaf1; padding: 9px 0; vertical-align: top; font-size: 15px; line-height: 1.5; }\n  .facts td.name { color: #6b7588; font-size: 13px; padding-right: 16px; padding-top: 10px; white-space: nowrap; width: 1%; }\n  .facts td.urgent { color: #a3400a; font-weight: 700; }\n  .ask { background-color: #f2f5fe; border-left: 4px solid #3b5bdb; border-radius: 0 8px 8px 0; margin: 20px 0 0 0; width: 100%; }\n  .ask td { padding: 13px 16px 14px 16px; font-size: 16px; line-height: 1.6; font-weight: 600; color: #1c2434; }\n  .ask .name { color: #2f4bc0; display: block; font-size: 12px; font-weight: 700; margin: 0 0 2px 0; }\n  .button { border-radius: 8px; background-color: #3b5bdb; }\n  .button a { color: #ffffff; display: inline-block; font-size: 15px; font-weight: 600; line-height: 1.2; padding: 12px 22px; text-decoration: none; }\n  .offers { margin: 18px 0 0 0; }\n  .offer { background-color: #ffffff; border: 1px solid #b9c2d0; border-radius: 8px; color: #1c2434; display: inline-block; font-size: 15px; font-weight: 600; line-height: 1.2; margin: 0 6px 8px 0; padding: 12px 18px; text-decoration: none; }\n  .offer-primary { background-color: #3b5bdb; border-color: #3b5bdb; color: #ffffff; }\n  .offer-danger { color: #b42318; }\n  .rest { font-size: 13px; line-height: 2; margin: 2px 0 0 0; }\n  .rest a { color: #2f4bc0; margin: 0 14px 0 0; text-decoration: none; }\n  .small { color: #6b7588; font-size: 13px; line-height: 1.6; margin: 16px 0 0 0; }\n  .command { background-color: #f3f5f9; border-radius: 5px; color: #2b3547; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 12.5px; padding: 2px 7px; }\n  .item { border-top: 1px solid #dde3ec; margin: 22px 0 0 0; padding: 20px 0 0 0; }\n  .item .who { font-size: 18px; margin: 0; }\n  .item .what { font-size: 14px; }\n  .below { color: #7a8498; font-size: 12px; line-height: 1.6; padding: 16px 12px 0 12px; text-align: center; }\n  .link { color: #2f4bc0; font-weight: 600; text-decoration: none; }\n  @media (max-width: 520px) {\n    .inside { padding: 22px 18px 20px 18px !important; }\n    .who { font-size: 20px !important; }\n    .outer { padding: 12px 8px 28px 8px !important; }\n  }\n  @media (prefers-color-scheme: dark) {\n    body, .page { background-color: #10141c !important; }\n    .hidden { color: #10141c !important; }\n    .card { background-color: #1a202c !important; border-color: #2c3545 !important; }\n    .text, .facts td, .ask td, .lead { color: #e4e8f0 !important; }\n    .who { color: #f7f9fc !important; }\n    .what, .small, .below, .facts td.name { color: #9aa5b8 !important; }\n    .facts, .facts td, .item { border-color: #2c3545 !important; }\n    .facts td.urgent { color: #ffb27a !important; }\n    .tag { background-color: #26335e !important; color: #b9c7ff !important; }\n    .ask { background-color: #20294a !important; border-color: #7c95ff !important; }\n    .ask .name, .link, .rest a { color: #a9baff !important; }\n    .offer { background-color: #232b3a !important; border-color: #4a566b !important; color: #e4e8f0 !important; }\n    .offer-primary { background-color: #4a69e8 !important; border-color: #4a69e8 !important; color: #ffffff !important; }\n    .offer-danger { color: #ff9d91 !important; }\n    .command { background-color: #262e3d !important; color: #dbe2ee !important; }\n  }\n</style>\n</head>\n<body>\n<span class=\"hidden\">1 renewal, \u00a52,280,000, 1 due within 90 days</span>\n<table role=\"presentation\" class=\"page\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"outer\" align=\"center\" style=\"padding: 28px 12px 40px 12px;\">\n<table role=\"presentation\" class=\"card\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"inside text\">\n<span class=\"tag\">This week</span>\n<p class=\"who\">Your renewals this week | Mon 4 Jan</p>\n<p class=\"lead\">Hello Ann Ito,</p>\n<p class=\"lead next\">1 renewal, \u00a52,280,000, 1 due within 90 days</p>\n<div class=\"item\">\n<p class=\"who\">Waiting for your answer (1)</p>\n<table role=\"presentation\" class=\"facts\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td><strong>Beta Ltd</strong> <span class=\"small\">C-2</span><br>\n3 months before renewal | deadline Mon 1 Mar</td><td class=\"name\">4 days</td></tr>\n</table>\n<p class=\"small\">Answer where the reminder reached you, or with renewals answer NUMBER</p>\n</div>\n<div class=\"item\">\n<p class=\"who\">Week of 25 Jan</p>\n<table role=\"presentation\" class=\"facts\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"name\">Fri 29 Jan</td><td><strong>Beta Ltd</strong> | 30 days before the notice deadline<br>\n<span class=\"what\" style=\"font-weight: 400;\">Pro, \u00a312,000.00/year</span></td></tr>\n</table>\n</div>\n<div class=\"item\">\n<p class=\"who\">Week of 1 Mar</p>\n<table role=\"presentation\" class=\"facts\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"name\">Mon 1 Mar</td><td class=urgent><strong>Beta Ltd</strong> | Decision deadline<br>\n<span class=\"what\" style=\"font-weight: 400;\">Pro, \u00a312,000.00/year</span></td></tr>\n</table>\n</div>\n<div class=\"item\">\n<p class=\"who\">Week of 29 Mar</p>\n<table role=\"presentation\" class=\"facts\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"name\">Wed 31 Mar</td><td><strong>Beta Ltd</strong> | End of term<br>\n<span class=\"what\" style=\"font-weight: 400;\">Pro, \u00a312,000.00/year</span></td></tr>\n</table>\n</div>\n<div class=\"item\">\n<p class=\"who\">Changed since Thu 1 Oct</p>\n<table role=\"presentation\" class=\"facts\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"name\">Moved</td><td>Beta Ltd | Stable \u2192 Renewal (3 months)</td></tr>\n\n</table>\n</div>\n</td></tr>\n</table>\n<div class=\"below text\">Your weekly summary. Anything close to a deadline is also sent separately, when it is due.</div>\n</td></tr>\n</table>\n</body>\n</html>"}',NULL,NULL,'02a7f0aafb7e861b');
INSERT INTO "messages" VALUES(7,'8f14ff9e-b7fc-5deb-bb1d-d53f75c73c33','team','person:2',2,'preview','bob@example.com','en','2027-01-04','{"today": "2027-01-04", "ahead": 90, "open": 2, "prospects": 0, "all": 2, "amount": 5880000, "currency": "JPY", "without": 0, "total": {"amount": 5880000, "currency": "JPY", "without": 0, "others": []}, "due": 2, "due_total": {"amount": 5880000, "currency": "JPY", "without": 0, "others": []}, "ended": 0, "history": 0, "notices": 0, "doubt": 0, "unanswered": 2, "not_assessed": 2, "counts": {"open": 2, "prospects": 0, "all": 2, "amount": 5880000, "currency": "JPY", "without": 0, "total": {"amount": 5880000, "currency": "JPY", "without": 0, "others": []}, "due": 2, "due_total": {"amount": 5880000, "currency": "JPY", "without": 0, "others": []}, "ended": 0, "history": 0, "notices": 0, "doubt": 0, "unanswered": 2, "not_assessed": 2}, "reps": [{"name": "Ann Ito", "active": true, "open": 1, "prospects": 0, "all": 1, "amount": 2280000, "currency": "JPY", "without": 0, "total": {"amount": 2280000, "currency": "JPY", "without": 0, "others": []}, "due": 1, "due_total": {"amount": 2280000, "currency": "JPY", "without": 0, "others": []}, "ended": 0, "history": 0, "notices": 0, "doubt": 0, "unanswered": 1, "not_assessed": 1, "oldest": 4, "doubt_amount": 0, "doubt_total": {"amount": 0, "currency": "JPY", "without": 0, "others": []}}, {"name": "\u5343\u4f73 \u7530\u4e2d", "active": true, "open": 1, "prospects": 0, "all": 1, "amount": 3600000, "currency": "JPY", "without": 0, "total": {"amount": 3600000, "currency": "JPY", "without": 0, "others": []}, "due": 1, "due_total": {"amount": 3600000, "currency": "JPY", "without": 0, "others": []}, "ended": 0, "history": 0, "notices": 0, "doubt": 0, "unanswered": 1, "not_assessed": 1, "oldest": 3, "doubt_amount": 0, "doubt_total": {"amount": 0, "currency": "JPY", "without": 0, "others": []}}], "reps_count": 2, "reps_rest": 0, "waiting": [{"deal": 2, "customer": "Beta Ltd", "number": "C-2", "product": "Pro", "amount": 1200000, "currency": "GBP", "per": "/year", "owner": "Ann Ito", "ends_on": "2027-03-31", "deadline_on": "2027-03-01", "risk": 16285.7143, "question": "3 months before renewal", "days": 4, "quiet_until": null}, {"deal": 1, "customer": "\u9752\u8449\u5546\u4e8b", "number": "C-1", "product": "Pro", "amount": 3600000, "currency": "JPY", "per": "/year", "owner": "\u5343\u4f73 \u7530\u4e2d", "ends_on": "2027-03-31", "deadline_on": "2027-01-29", "risk": 53333.3333, "question": "30 days before the notice deadline", "days": 3, "quiet_until": null}], "waiting_count": 2, "waiting_rest": 0, "noticed": [], "noticed_count": 0, "noticed_rest": 0, "doubtful": [], "doubtful_count": 0, "doubtful_rest": 0, "ended_lines": [], "ended_lines_count": 0, "ended_lines_rest": 0, "history_lines": [], "history_lines_count": 0, "history_lines_rest": 0, "due_lines": [{"deal": 1, "customer": "\u9752\u8449\u5546\u4e8b", "number": "C-1", "product": "Pro", "amount": 3600000, "currency": "JPY", "per": "/year", "owner": "\u5343\u4f73 \u7530\u4e2d", "ends_on": "2027-03-31", "deadline_on": "2027-01-29", "risk": 53333.3333, "due_on": "2027-01-31", "notice_on": null, "call_label": "", "called_on": null}, {"deal": 2, "customer": "Beta Ltd", "number": "C-2", "product": "Pro", "amount": 1200000, "currency": "GBP", "per": "/year", "owner": "Ann Ito", "ends_on": "2027-03-31", "deadline_on": "2027-03-01", "risk": 16285.7143, "due_on": "2027-03-31", "notice_on": null, "call_label": "", "called_on": null}], "due_lines_count": 2, "due_lines_rest": 0, "healths": [], "healths_count": 0, "healths_rest": 0, "away": [], "forecast": {"until": "2027-06-30", "lines": [{"currency": "JPY", "most": 3600000, "commit": 0, "likely": 0, "at_risk": 0, "not_assessed": 3600000, "before": {"commit": 0, "likely": 0, "at_risk": 0, "not_assessed": 3600000}, "sign": "\u2212", "change": 0, "bar": "\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591", "bar_before": "\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591", "shares": {"commit": 0, "likely": 0, "at_risk": 0, "not_assessed": 100}, "shares_before": {"commit": 0, "likely": 0, "at_risk": 0, "not_assessed": 100}}, {"currency": "GBP", "most": 1200000, "commit": 0, "likely": 0, "at_risk": 0, "not_assessed": 1200000, "before": {"commit": 0, "likely": 0, "at_risk": 0, "not_assessed": 1200000}, "sign": "\u2212", "change": 0, "bar": "\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591", "bar_before": "\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591", "shares": {"commit": 0, "likely": 0, "at_risk": 0, "not_assessed": 100}, "shares_before": {"commit": 0, "likely": 0, "at_risk": 0, "not_assessed": 100}}]}, "week": "2027-W01"}','sent','','2027-01-04 12:00:00.000000','2027-01-04 12:00:00.000000','vm:30186',NULL,1,1,0,'2027-01-04 12:00:00.000000','2027-01-04 12:00:00.000000','preview',NULL,'[Team] 2 renewals: 2 unanswered','{"text": "Hello Bob Hill,\n\nYour team''s renewals | Mon 4 Jan\n2 renewals, \u00a55,880,000, 2 due within 90 days\n2 unanswered | 0 notices | 0 uncertain | 2 not assessed\n\nForecast until Wed 30 Jun: commit \u00a50 (unchanged since last week), likely \u00a50, at risk \u00a50, not assessed \u00a53,600,000\n  a week ago  \u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\n  now         \u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\nForecast until Wed 30 Jun: commit \u00a30.00 (unchanged since last week), likely \u00a30.00, at risk \u00a30.00, not assessed \u00a312,000.00\n  a week ago  \u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\n  now         \u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\u2591\n  \u2588 commit  \u2593 likely  \u2592 at risk  \u2591 not assessed\n\n== Ann Ito\n1 renewal, \u00a52,280,000, 1 due within 90 days\n1 unanswered (oldest 4 days) | 1 not assessed\n\n== \u5343\u4f73 \u7530\u4e2d\n1 renewal, \u00a53,600,000, 1 due within 90 days\n1 unanswered (oldest 3 days) | 1 not assessed\n\n== Due within 90 days, the most valuable first (\u00a55,880,000)\n\u2022 \u9752\u8449\u5546\u4e8b (C-1) | \u00a53,600,000 | by Sun 31 Jan | owner \u5343\u4f73 \u7530\u4e2d\n\u2022 Beta Ltd (C-2) | \u00a312,000.00 | by Wed 31 Mar | owner Ann Ito\n\n== Longest without an answer\n\u2022 Beta Ltd (C-2) | 3 months before renewal | 4 days | deadline Mon 1 Mar | owner Ann Ito\n\u2022 \u9752\u8449\u5546\u4e8b (C-1) | 30 days before the notice deadline | 3 days | deadline Fri 29 Jan | owner \u5343\u4f73 \u7530\u4e2d\n\n--\nThe weekly summary for managers. Amounts are in JPY where there is a rate.\n", "html": "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"supported-color-schemes\" content=\"light dark\">\n<title>Your team''s renewals | Mon 4 Jan</title>\n<style>\n  body { margin: 0; padding: 0; background-color: #eef1f6; }\n  .page { background-color: #eef1f6; width: 100%; }\n  .text { font-family: -apple-system, BlinkMacSystemFont, \"Segoe UI\", \"Hiragino Sans\", \"Noto Sans JP\", \"Noto Sans CJK JP\", Meiryo, Roboto, Helvetica, Arial, sans-serif; color: #1c2434; font-size: 15px; line-height: 1.65; }\n  .hidden { display: none; max-height: 0; overflow: hidden; font-size: 1px; line-height: 1px; color: #eef1f6; }\n  .card { background-color: #ffffff; border: 1px solid #dde3ec; border-radius: 12px; width: 100%; max-width: 600px; }\n  .inside { padding: 26px 30px 24px 30px; }\n  .tag { display: inline-block; background-color: #e8edfd; color: #2f4bc0; border-radius: 999px; font-size: 12px; font-weight: 600; line-height: 1.5; padding: 3px 12px; }\n  .who { color: #111827; font-size: 23px; font-weight: 700; line-height: 1.35; margin: 12px 0 0 0; }\n  .what { color: #5a6478; font-size: 15px; margin: 2px 0 0 0; }\n  .lead { margin: 16px 0 0 0; }\n  .next { margin: 2px 0 0 0; }\n  .facts { border-top: 1px solid #e6eaf1; margin: 18px 0 0 0; width: 100%; }\n  .facts td { border-bottom: 1px solid #e6eaf1; padding: 9px 0; vertical-align: top; font-size: 15px; line-height: 1.5; }\n  .facts td.name { color: #6b7588; font-size: 13px; padding-right: 16px; padding-top: 10px; white-space: nowrap; width: 1%; }\n  .facts td.urgent { color: #a3400a; font-weight: 700; }\n  .ask { background-color: #f2f5fe; border-left: 4px solid #3b5bdb; border-radius: 0 8px 8px 0; margin: 20px 0 0 0; width: 100%; }\n  .ask td { padding: 13px 16px 14px 16px; font-size: 16px; line-height: 1.6; font-weight: 600; color: #1c2434; }\n  .ask .name { color: #2f4bc0; display: block; font-size: 12px; font-weight: 700; margin: 0 0 2px 0; }\n  .button { border-radius: 8px; background-color: #3b5bdb; }\n  .button a { color: #ffffff; display: inline-block; font-size: 15px; font-weight: 600; line-height: 1.2; padding: 12px 22px; text-decoration: none; }\n  .offers { margin: 18px 0 0 0; }\n  .offer { background-color: #ffffff; border: 1px solid #b9c2d0; border-radius: 8px; color: #1c2434; display: inline-block; font-size: 15px; font-weight: 600; line-height: 1.2; margin: 0 6px 8px 0; padding: 12px 18px; text-decoration: none; }\n  .offer-primary { background-color: #3b5bdb; border-color: #3b5bdb; color: #ffffff; }\n  .offer-danger { color: #b42318; }\n  .rest { font-size: 13px; line-height: 2; margin: 2px 0 0 0; }\n  .rest a { color: #2f4bc0; margin: 0 14px 0 0; text-decoration: none; }\n  .small { color: #6b7588; font-size: 13px; line-height: 1.6; margin: 16px 0 0 0; }\n  .command { background-color: #f3f5f9; border-radius: 5px; color: #2b3547; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 12.5px; padding: 2px 7px; }\n  .item { border-top: 1px solid #dde3ec; margin: 22px 0 0 0; padding: 20px 0 0 0; }\n  .item .who { font-size: 18px; margin: 0; }\n  .item .what { font-size: 14px; }\n  .below { color: #7a8498; font-size: 12px; line-height: 1.6; padding: 16px 12px 0 12px; text-align: center; }\n  .link { color: #2f4bc0; font-weight: 600; text-decoration: none; }\n  @media (max-width: 520px) {\n    .inside { padding: 22px 18px 20px 18px !important; }\n    .who { font-size: 20px !important; }\n    .outer { padding: 12px 8px 28px 8px !important; }\n  }\n  @media (prefers-color-scheme: dark) {\n    body, .page { background-color: #10141c !important; }\n    .hidden { color: #10141c !important; }\n    .card { background-color: #1a202c !important; border-color: #2c3545 !important; }\n    .text, .facts td, .ask td, .lead { color: #e4e8f0 !important; }\n    .who { color: #f7f9fc !important; }\n    .what, .small, .below, .facts td.name { color: #9aa5b8 !important; }\n    .facts, .facts td, .item { border-color: #2c3545 !important; }\n    .facts td.urgent { color: #ffb27a !important; }\n    .tag { background-color: #26335e !important; color: #b9c7ff !important; }\n    .ask { background-color: #20294a !important; border-color: #7c95ff !important; }\n    .ask .name, .link, .rest a { color: #a9baff !important; }\n    .offer { background-color: #232b3a !important; border-color: #4a566b !important; color: #e4e8f0 !important; }\n    .offer-primary { background-color: #4a69e8 !important; border-color: #4a69e8 !important; color: #ffffff !important; }\n    .offer-danger { color: #ff9d91 !important; }\n    .command { background-color: #262e3d !important; color: #dbe2ee !important; }\n  }\n</style>\n</head>\n<body>\n<span class=\"hidden\">2 renewals, \u00a55,880,000, 2 due within 90 days</span>\n<table role=\"presentation\" class=\"page\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"outer\" align=\"center\" style=\"padding: 28px 12px 40px 12px;\">\n<table role=\"presentation\" class=\"card\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"inside text\">\n<span class=\"tag\">Your team</span>\n<p class=\"who\">Your team''s renewals | Mon 4 Jan</p>\n<p class=\"lead\">Hello Bob Hill,</p>\n<p class=\"lead next\">2 renewals, \u00a55,880,000, 2 due within 90 days<br>2 unanswered | 0 notices | 0 uncertain | 2 not assessed</p>\n<p class=\"small\">Forecast until Wed 30 Jun: commit \u00a50 (unchanged since last week), likely \u00a50, at risk \u00a50, not assessed \u00a53,600,000<br>Forecast until Wed 30 Jun: commit \u00a30.00 (unchanged since last week), likely \u00a30.00, at risk \u00a30.00, not assessed \u00a312,000.00</p>\n<img src=\"cid:forecast\" width=\"520\" alt=\"Forecast, a week ago and now\" style=\"display: block; height: auto; margin: 10px 0 0 0; max-width: 100%; width: 520px;\">\n<table role=\"presentation\" class=\"facts\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td><strong>Ann Ito</strong><br>\n1 renewal, \u00a52,280,000, 1 due within 90 days<br>\n1 unanswered (oldest 4 days) | 1 not assessed</td></tr>\n<tr><td><strong>\u5343\u4f73 \u7530\u4e2d</strong><br>\n1 renewal, \u00a53,600,000, 1 due within 90 days<br>\n1 unanswered (oldest 3 days) | 1 not assessed</td></tr>\n</table>\n<div class=\"item\">\n<p class=\"who\">Due within 90 days, the most valuable first (\u00a55,880,000)</p>\n<table role=\"presentation\" class=\"facts\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td><strong>\u9752\u8449\u5546\u4e8b</strong> <span class=\"small\">C-1</span> | owner \u5343\u4f73 \u7530\u4e2d<br>\nby Sun 31 Jan</td><td class=\"name\">\u00a53,600,000</td></tr>\n<tr><td><strong>Beta Ltd</strong> <span class=\"small\">C-2</span> | owner Ann Ito<br>\nby Wed 31 Mar</td><td class=\"name\">\u00a312,000.00</td></tr>\n</table>\n</div>\n<div class=\"item\">\n<p class=\"who\">Longest without an answer</p>\n<table role=\"presentation\" class=\"facts\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td><strong>Beta Ltd</strong> | owner Ann Ito<br>\n3 months before renewal | deadline Mon 1 Mar</td><td class=\"name\">4 days</td></tr>\n<tr><td><strong>\u9752\u8449\u5546\u4e8b</strong> | owner \u5343\u4f73 \u7530\u4e2d<br>\n30 days before the notice deadline | deadline Fri 29 Jan</td><td class=\"name\">3 days</td></tr>\n</table>\n</div>\n</td></tr>\n</table>\n<div class=\"below text\">The weekly summary for managers. Amounts are in JPY where there is a rate.</div>\n</td></tr>\n</table>\n</body>\n</html>"}',NULL,NULL,'f555d876e0880b15');
CREATE TABLE meta (
	"key" VARCHAR NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_meta PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('instance_id','2f37c944-5eed-4240-a358-9b2bfdfc8d31');
INSERT INTO "meta" VALUES('time_travel','2026-10-01T09:00:00+00:00');
INSERT INTO "meta" VALUES('config_seen','1');
INSERT INTO "meta" VALUES('last_sweep_at','2027-01-04T12:00:00+00:00');
INSERT INTO "meta" VALUES('last_sweep_machine','e3304ec2-a5fb-48f3-a867-35c6e351d7c3 49302.43176644');
INSERT INTO "meta" VALUES('mark','8');
INSERT INTO "meta" VALUES('sealed','{"policy_versions": 1, "people": 3, "customers": 2, "contracts": 2, "deals": 2, "passages": 4, "events": 7, "imports": 2, "import_changes": 2, "messages": 7, "nudges": 2}');
INSERT INTO "meta" VALUES('digest_checked_week','2027-W01');
INSERT INTO "meta" VALUES('outages','[["stop", "2026-10-01T09:00:00+00:00", "2027-01-04T03:00:00+00:00", ""], ["stop", "2027-01-04T03:00:00+00:00", "2027-01-04T12:00:00+00:00", ""]]');
CREATE TABLE nudges (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	deal_id INTEGER NOT NULL, 
	milestone VARCHAR NOT NULL, 
	anchor_on DATE NOT NULL, 
	step INTEGER NOT NULL, 
	recipient VARCHAR NOT NULL, 
	person_id INTEGER, 
	role VARCHAR NOT NULL, 
	because VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	created_at VARCHAR(26) NOT NULL, 
	due_at VARCHAR(26) NOT NULL, 
	message_id INTEGER, 
	sent_at VARCHAR(26), 
	urgency VARCHAR DEFAULT 'normal' NOT NULL, 
	late BOOLEAN DEFAULT false NOT NULL, 
	instead_of INTEGER, 
	delayed_from DATE, 
	CONSTRAINT pk_nudges PRIMARY KEY (id), 
	CONSTRAINT uq_nudges_key UNIQUE ("key"), 
	CONSTRAINT ck_nudges_state CHECK (state IN ('waiting', 'sent', 'held', 'cancelled', 'dead', 'in_doubt')), 
	CONSTRAINT ck_nudges_urgency CHECK (urgency IN ('normal', 'pressing', 'urgent')), 
	CONSTRAINT fk_nudges_deal_id_deals FOREIGN KEY(deal_id) REFERENCES deals (id), 
	CONSTRAINT fk_nudges_person_id_people FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT fk_nudges_message_id_messages FOREIGN KEY(message_id) REFERENCES messages (id), 
	CONSTRAINT fk_nudges_instead_of_people FOREIGN KEY(instead_of) REFERENCES people (id)
);
INSERT INTO "nudges" VALUES(1,'2027-01-31/553f72d3-d8e9-5297-b4fb-5aad10dbc152',1,'decide_by_30d','2027-01-31',0,'person:3',3,'owner','','sent','','2027-01-04 03:00:00.000000','2027-01-04 03:00:00.000000',3,'2027-01-04 03:00:00.000000','normal',1,NULL,NULL);
INSERT INTO "nudges" VALUES(2,'2027-03-31/15845314-2dc5-5a94-8058-39e8129d7e23',2,'renewal_3m','2027-03-31',0,'person:1',1,'owner','','sent','','2027-01-04 03:00:00.000000','2027-01-04 09:00:00.000000',5,'2027-01-04 12:00:00.000000','normal',1,NULL,NULL);
CREATE TABLE passages (
	id INTEGER NOT NULL, 
	deal_id INTEGER NOT NULL, 
	from_stage VARCHAR, 
	to_stage VARCHAR NOT NULL, 
	at VARCHAR(26), 
	because VARCHAR NOT NULL, 
	actor_kind VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	observed BOOLEAN NOT NULL, 
	voided_at VARCHAR(26), 
	import_id INTEGER, 
	CONSTRAINT pk_passages PRIMARY KEY (id), 
	CONSTRAINT fk_passages_deal_id_deals FOREIGN KEY(deal_id) REFERENCES deals (id)
);
INSERT INTO "passages" VALUES(1,1,NULL,'stable','2026-10-01 09:00:00.000000','{"code": "import_dates"}','import','contracts.csv',1,NULL,2);
INSERT INTO "passages" VALUES(2,2,NULL,'stable','2026-10-01 09:00:00.000000','{"code": "import_dates"}','import','contracts.csv',1,NULL,2);
INSERT INTO "passages" VALUES(3,1,'stable','renewal_3m','2027-01-04 03:00:00.000000','{"code": "reached", "label": "契約更新3か月前", "anchor": "ends_on", "anchor_on": "2027-03-31"}','policy','policy 1',1,NULL,NULL);
INSERT INTO "passages" VALUES(4,2,'stable','renewal_3m','2027-01-04 03:00:00.000000','{"code": "reached", "label": "契約更新3か月前", "anchor": "ends_on", "anchor_on": "2027-03-31"}','policy','policy 1',1,NULL,NULL);
CREATE TABLE pauses (
	id INTEGER NOT NULL, 
	scope VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	because VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	since_at VARCHAR(26) NOT NULL, 
	until_at VARCHAR(26), 
	ended_at VARCHAR(26), 
	ended_by VARCHAR, 
	CONSTRAINT pk_pauses PRIMARY KEY (id)
);
CREATE TABLE people (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	email VARCHAR, 
	slack_id VARCHAR, 
	zone VARCHAR, 
	calendar VARCHAR, 
	language VARCHAR, 
	hours VARCHAR, 
	manager_id INTEGER, 
	team VARCHAR, 
	active BOOLEAN NOT NULL, 
	pace VARCHAR DEFAULT 'daily' NOT NULL, 
	feed_secret VARCHAR, 
	left_told_at VARCHAR(26), 
	import_id INTEGER, 
	merged_into_id INTEGER, 
	CONSTRAINT pk_people PRIMARY KEY (id), 
	CONSTRAINT uq_people_key UNIQUE ("key"), 
	CONSTRAINT fk_people_manager_id_people FOREIGN KEY(manager_id) REFERENCES people (id), 
	CONSTRAINT fk_people_merged_into_id_people FOREIGN KEY(merged_into_id) REFERENCES people (id)
);
INSERT INTO "people" VALUES(1,'ann@example.com','Ann Ito','rep','ann@example.com',NULL,'Europe/London','weekdays','en',NULL,2,NULL,1,'daily',NULL,NULL,1,NULL);
INSERT INTO "people" VALUES(2,'bob@example.com','Bob Hill','manager','bob@example.com',NULL,'Europe/London','weekdays','en',NULL,NULL,NULL,1,'daily',NULL,NULL,1,NULL);
INSERT INTO "people" VALUES(3,'chika@example.jp','千佳 田中','rep','chika@example.jp',NULL,'Asia/Tokyo','weekdays','ja',NULL,2,NULL,1,'daily',NULL,NULL,1,NULL);
CREATE TABLE plans (
	id VARCHAR NOT NULL, 
	base_version INTEGER NOT NULL, 
	hash VARCHAR NOT NULL, 
	document JSON NOT NULL, 
	backfill BOOLEAN NOT NULL, 
	until_on DATE NOT NULL, 
	rows JSON NOT NULL, 
	summary JSON NOT NULL, 
	author VARCHAR NOT NULL, 
	made_at VARCHAR(26) NOT NULL, 
	applied_version INTEGER, 
	text TEXT, 
	CONSTRAINT pk_plans PRIMARY KEY (id)
);
CREATE TABLE policy_versions (
	version INTEGER NOT NULL, 
	hash VARCHAR NOT NULL, 
	document JSON NOT NULL, 
	since JSON NOT NULL, 
	author VARCHAR NOT NULL, 
	note VARCHAR NOT NULL, 
	applied_at VARCHAR(26) NOT NULL, 
	effects JSON, 
	names JSON, 
	text TEXT, 
	CONSTRAINT pk_policy_versions PRIMARY KEY (version)
);
INSERT INTO "policy_versions" VALUES(1,'3807c8419ad3ac35657d20c27141d80ca314d1cd63819618888a5184b3ef5b2a','{"policy": {"language": "ja", "zone": "Asia/Tokyo", "calendar": "jp", "hours": "09:00-18:00", "admins": ["email:renewals-admin@example.com"], "resend_after_move": 14, "email_unknown": "resend", "on_extension": "renewed", "base_currency": "JPY", "rates": {"USD": 150.0, "GBP": 190.0, "EUR": 160.0, "AUD": 100.0}, "calendars": {"jp": {"country": "JP", "closures": [{"days": "12-29..01-03", "label": "\u5e74\u672b\u5e74\u59cb\u4f11\u696d"}]}, "gb": {"country": "GB", "subdivision": "ENG"}, "us": {"country": "US"}, "au": {"country": "AU", "subdivision": "ACT"}, "weekdays": {}}, "attention": {"repeat_every": 12, "owner_repeats": 1, "manager_repeats": 0, "admin_repeats": 0, "last_call": true, "one_question_days": 7, "seen_for": 10, "call_for": 10, "absence_days": 3, "urgent_days": 5, "urgent_amount": 10000000, "flood_nudges": 25, "pressing_days": 7, "digest_on": "mon", "digest_at": "09:00"}, "import": {"edits": "ask"}, "pipelines": [{"id": "existing", "label": {"ja": "\u65e2\u5b58\u9867\u5ba2", "en": "Existing customers"}, "fallback": "email:renewals@example.com", "default_active": "stable", "onboarding_days": 0, "auto_renewal": "at_decide_by", "allow_skip": false, "allow_back": false, "stages": [{"id": "onboarding", "kind": "onboarding", "label": {"ja": "\u5c0e\u5165\u30b5\u30dd\u30fc\u30c8", "en": "Onboarding"}, "definition": {"ja": "\u5951\u7d04\u304c\u59cb\u307e\u308a\u3001\u304a\u5ba2\u69d8\u304c\u4f7f\u3044\u59cb\u3081\u308b\u6e96\u5099\u3092\u3057\u3066\u3044\u308b", "en": "The contract has begun and the customer is being set up"}}, {"id": "stable", "kind": "active", "health": "stable", "label": {"ja": "\u5b89\u5b9a\u7a3c\u50cd", "en": "Stable"}, "definition": {"ja": "\u304a\u5ba2\u69d8\u304c\u5b9a\u671f\u7684\u306b\u4f7f\u3044\u3001\u6210\u679c\u3092\u611f\u3058\u3066\u3044\u308b", "en": "The customer uses it regularly and sees results"}}, {"id": "at_risk", "kind": "active", "health": "at_risk", "label": {"ja": "\u8981\u6ce8\u610f", "en": "At risk"}, "definition": {"ja": "\u5229\u7528\u306e\u4f4e\u4e0b\u3084\u62c5\u5f53\u8005\u306e\u7570\u52d5\u306a\u3069\u3001\u6c17\u304c\u304b\u308a\u306a\u5146\u3057\u304c\u3042\u308b", "en": "Use is falling, a champion left, or there is another worrying sign"}}, {"id": "critical", "kind": "active", "health": "critical", "label": {"ja": "\u89e3\u7d04\u5371\u6a5f", "en": "Critical"}, "definition": {"ja": "\u304a\u5ba2\u69d8\u304c\u89e3\u7d04\u3092\u691c\u8a0e\u3057\u3066\u3044\u308b", "en": "The customer is considering leaving"}}, {"id": "renewal_3m", "kind": "renewal", "label": {"ja": "\u5951\u7d04\u66f4\u65b0(3\u304b\u6708\u524d)", "en": "Renewal (3 months)"}, "definition": {"ja": "\u304a\u5ba2\u69d8\u3068\u66f4\u65b0\u306b\u3064\u3044\u3066\u8a71\u3057\u59cb\u3081\u308b\u6642\u671f", "en": "Time to open the renewal with the customer"}}, {"id": "renewal_1m", "kind": "renewal", "label": {"ja": "\u5951\u7d04\u66f4\u65b0(1\u304b\u6708\u524d)", "en": "Renewal (1 month)"}, "definition": {"ja": "\u304a\u5ba2\u69d8\u306e\u6700\u7d42\u5224\u65ad\u3068\u624b\u7d9a\u304d\u306e\u6642\u671f", "en": "Time for the customer''s decision and paperwork"}}, {"id": "won", "kind": "won", "label": {"ja": "\u53d7\u6ce8", "en": "Won"}, "definition": {"ja": "\u5951\u7d04\u304c\u66f4\u65b0\u3055\u308c\u305f", "en": "The contract was renewed"}}, {"id": "lost", "kind": "lost", "label": {"ja": "\u5931\u6ce8", "en": "Lost"}, "definition": {"ja": "\u5951\u7d04\u304c\u66f4\u65b0\u3055\u308c\u306a\u304b\u3063\u305f", "en": "The contract was not renewed"}}], "lost_reasons": [{"id": "low_usage", "label": {"ja": "\u5229\u7528\u304c\u5b9a\u7740\u305b\u305a", "en": "Never took hold"}}, {"id": "product_gap", "label": {"ja": "\u6a5f\u80fd\u4e0d\u8db3", "en": "Missing features"}}, {"id": "value", "label": {"ja": "\u8cbb\u7528\u5bfe\u52b9\u679c\u30fb\u4fa1\u683c", "en": "Value for money"}}, {"id": "budget", "label": {"ja": "\u4e88\u7b97\u524a\u6e1b\u30fb\u7a1f\u8b70\u5426\u6c7a", "en": "Budget cut or not approved"}}, {"id": "competitor", "label": {"ja": "\u4ed6\u793e\u5207\u66ff", "en": "Went to a competitor"}}, {"id": "in_house", "label": {"ja": "\u5185\u88fd\u5316\u30fb\u7d71\u5408", "en": "Built in house or consolidated"}}, {"id": "champion_left", "label": {"ja": "\u63a8\u9032\u62c5\u5f53\u8005\u306e\u7570\u52d5\u30fb\u9000\u8077", "en": "Champion left"}}, {"id": "service", "label": {"ja": "\u969c\u5bb3\u30fb\u30b5\u30dd\u30fc\u30c8\u4e0d\u6e80", "en": "Outages or poor support"}}, {"id": "project_end", "label": {"ja": "\u4e8b\u696d\u7d42\u4e86", "en": "Project ended"}}, {"id": "closed_merged", "label": {"ja": "\u5ec3\u696d\u30fb\u5408\u4f75", "en": "Closed or merged"}}, {"id": "unpaid", "label": {"ja": "\u6599\u91d1\u672a\u6255\u3044", "en": "Unpaid"}}, {"id": "no_contact", "label": {"ja": "\u9023\u7d61\u4e0d\u901a", "en": "Out of contact"}}, {"id": "our_decision", "label": {"ja": "\u5f53\u793e\u90fd\u5408", "en": "Our decision"}}, {"id": "other", "label": {"ja": "\u305d\u306e\u4ed6", "en": "Other"}}]}, {"id": "new_business", "label": {"ja": "\u65b0\u898f\u5546\u8ac7", "en": "New business"}, "fallback": "email:renewals@example.com", "opens": "existing", "stages": [{"id": "qualified", "kind": "open", "label": {"ja": "\u5546\u8ac7\u306e\u898b\u6975\u3081", "en": "Qualified"}, "definition": {"ja": "\u304a\u5ba2\u69d8\u306b\u89e3\u6c7a\u3057\u305f\u3044\u8ab2\u984c\u304c\u3042\u308b", "en": "The customer has a problem worth solving"}}, {"id": "problem_agreed", "kind": "open", "label": {"ja": "\u8ab2\u984c\u306e\u8a8d\u8b58\u5408\u610f", "en": "Problem agreed"}, "definition": {"ja": "\u304a\u5ba2\u69d8\u3068\u8ab2\u984c\u306e\u8a8d\u8b58\u304c\u4e00\u81f4\u3057\u305f", "en": "The customer agrees on the problem"}}, {"id": "value_agreed", "kind": "open", "label": {"ja": "\u4fa1\u5024\u3078\u306e\u5408\u610f", "en": "Value agreed"}, "definition": {"ja": "\u89e3\u6c7a\u7b56\u306e\u4fa1\u5024\u306b\u304a\u5ba2\u69d8\u304c\u5408\u610f\u3057\u305f", "en": "The customer agrees on what it is worth"}}, {"id": "terms_agreed", "kind": "open", "label": {"ja": "\u6761\u4ef6\u3078\u306e\u540c\u610f", "en": "Terms agreed"}, "definition": {"ja": "\u4fa1\u683c\u3068\u6761\u4ef6\u306b\u304a\u5ba2\u69d8\u304c\u540c\u610f\u3057\u305f", "en": "The customer agrees on price and terms"}}, {"id": "approved", "kind": "open", "label": {"ja": "\u7a1f\u8b70\u627f\u8a8d", "en": "Approved"}, "definition": {"ja": "\u304a\u5ba2\u69d8\u306e\u793e\u5185\u627f\u8a8d\u304c\u4e0b\u308a\u305f", "en": "The customer''s own approval is through"}}, {"id": "won", "kind": "won", "label": {"ja": "\u53d7\u6ce8", "en": "Won"}, "definition": {"ja": "\u5951\u7d04\u3057\u305f", "en": "The contract is signed"}}, {"id": "lost", "kind": "lost", "label": {"ja": "\u5931\u6ce8", "en": "Lost"}, "definition": {"ja": "\u5951\u7d04\u306b\u81f3\u3089\u306a\u304b\u3063\u305f", "en": "It did not come to a contract"}}], "lost_reasons": [{"id": "no_need", "label": {"ja": "\u8ab2\u984c\u306a\u3057", "en": "No need"}}, {"id": "timing", "label": {"ja": "\u6642\u671f\u898b\u9001\u308a", "en": "Not now"}}, {"id": "no_decision", "label": {"ja": "\u691c\u8a0e\u4e2d\u6b62", "en": "No decision"}}, {"id": "value", "label": {"ja": "\u8cbb\u7528\u5bfe\u52b9\u679c\u30fb\u4fa1\u683c", "en": "Value for money"}}, {"id": "budget", "label": {"ja": "\u4e88\u7b97\u4e0d\u8db3", "en": "No budget"}}, {"id": "competitor", "label": {"ja": "\u4ed6\u793e\u6c7a\u5b9a", "en": "Chose a competitor"}}, {"id": "product_gap", "label": {"ja": "\u6a5f\u80fd\u4e0d\u8db3", "en": "Missing features"}}, {"id": "other", "label": {"ja": "\u305d\u306e\u4ed6", "en": "Other"}}]}], "milestones": [{"id": "renewal_3m", "pipeline": "existing", "label": {"ja": "\u5951\u7d04\u66f4\u65b03\u304b\u6708\u524d", "en": "3 months before renewal"}, "anchor": "ends_on", "offset": "-3 months", "shift": "earlier", "series": "renewal", "moves_to": "renewal_3m", "tell": ["owner"], "asks": true, "repeat_every": 0}, {"id": "renewal_1m", "pipeline": "existing", "label": {"ja": "\u5951\u7d04\u66f4\u65b01\u304b\u6708\u524d", "en": "1 month before renewal"}, "anchor": "ends_on", "offset": "-1 month", "shift": "earlier", "series": "renewal", "moves_to": "renewal_1m", "tell": ["owner"], "asks": true}, {"id": "decide_by_30d", "pipeline": "existing", "label": {"ja": "\u89e3\u7d04\u901a\u77e5\u671f\u965030\u65e5\u524d", "en": "30 days before the notice deadline"}, "anchor": "decide_by", "offset": "-30 days", "shift": "earlier", "series": "deadline", "tell": ["owner"], "asks": true}, {"id": "onboarding_30d", "pipeline": "existing", "label": {"ja": "\u5c0e\u516530\u65e5", "en": "30 days of onboarding"}, "anchor": "starts_on", "offset": "+30 days", "shift": "later", "series": "onboarding", "stages": ["onboarding"], "tell": ["owner"], "asks": true}, {"id": "onboarding_90d", "pipeline": "existing", "label": {"ja": "\u5c0e\u516590\u65e5", "en": "90 days of onboarding"}, "anchor": "starts_on", "offset": "+90 days", "shift": "later", "series": "onboarding", "stages": ["onboarding"], "tell": ["owner", "manager"], "asks": true}]}, "templates": {}}','{}','root','','2026-10-01 09:00:00.000000',NULL,'{}','#:schema ./config.schema.json
# renewal-scheduler の設定 / settings of renewal-scheduler
#
# 変更したら `renewals check` で確認してください。デーモンは保存された変更を自動で読み込みます。
# After an edit run `renewals check`. The daemon picks up what you save; a file with a mistake leaves the old settings in force.
#
# パスワードやトークンはここに書かず、環境変数に置きます：SLACK_BOT_TOKEN, SMTP_URL, DATABASE_URL
# Passwords and tokens never stand here; they come from the environment (or a file named by NAME_FILE): SLACK_BOT_TOKEN, SMTP_URL, DATABASE_URL

# 既定の言語・タイムゾーン・休日カレンダー・連絡してよい時間帯(個人ごとの設定が優先)
# Defaults for people who have none of their own: language (ja, en), time zone, holiday calendar, hours in which they may be reached.
language = "ja"
zone = "Asia/Tokyo"
calendar = "jp"
hours = "09:00-18:00"

# 送信できなかったときなどの連絡先(email:… または slack:#…)。 / Who is told when the program itself needs help.
admins = ["email:renewals-admin@example.com"]

# 満了日がこの日数未満だけ後ろにずれた場合は、もう一度は知らせない。早まった場合は必ず知らせる。
# An end that moves later by fewer days than this is not told again. An earlier end always is.
resend_after_move = 14

# メールの送信結果が不明なとき："resend" = 15分後に同じMessage-IDで一度だけ再送、"hold" = 保留して管理者に確認。
# A mail whose fate is unknown: "resend" once after 15 minutes with the same Message-ID, or "hold" it and ask an admin.
email_unknown = "resend"

# 取込で満了日が契約期間・更新期間・半年・年の単位で延びていたとき："renewed" = 更新とみなす、"moved" = 日付の訂正、"ask" = 確認を求める。
# An import moves an end later by a whole plausible term (its own, its renewal''s, half years, years): it was "renewed", only "moved", or "ask" a person.
on_extension = "renewed"

# 金額を比べるための基準通貨と換算レート(1単位が基準通貨でいくらか)。 / One currency to compare amounts in; what one unit of the others is worth in it.
base_currency = "JPY"
rates = { USD = 150.0, GBP = 190.0, EUR = 160.0, AUD = 100.0 }


# ── 休日カレンダー / holiday calendars ────────────────────────────────────────────────────────────────────────────────────
# country は祝日の国(ISO 3166)、subdivision は州など。closures は会社の休業日：毎年なら "12-29..01-03"、一度だけなら "2026-08-13..2026-08-14"。
# country: whose public holidays (ISO 3166); subdivision: a state or the like. closures: company days, yearly "12-29..01-03" or once "2026-08-13".
# weekend は働かない曜日(省略＝土日)。例 / weekend: the days on which nobody works (left out: Saturday and Sunday), e.g. weekend = ["fri", "sat"]
[calendars.jp]
country = "JP"
closures = [{ days = "12-29..01-03", label = "年末年始休業" }]

[calendars.gb]
country = "GB"
subdivision = "ENG"

[calendars.us]
country = "US"

[calendars.au]
country = "AU"
subdivision = "ACT"

[calendars.weekdays] # 土日以外すべて営業日 / every Monday to Friday


# ── リマインドの頻度とエスカレーション / how insistent the reminders are ─────────────────────────────────────────────────────────
# 回答を求める通知(asks = true)は、回答があるまで repeat_every 営業日ごとに繰り返し、担当者へ owner_repeats 回、上長も加えて manager_repeats 回、
# 管理者も加えて admin_repeats 回知らせます。1つの契約で繰り返すのは最新の質問だけです。繰り返すほど読まれなくなるため、既定では1回だけ繰り返し、
# その間は毎週のまとめに載せます。repeat_every は通知タイミングごとにも決められます(契約更新3か月前は 0：期限が近くなければ1か月前の通知がもう一度尋ねる)。
# A milestone that asks is repeated every repeat_every business days until somebody answers: owner_repeats times to those it tells, manager_repeats
# times with the manager, admin_repeats times with the admins. Only the latest question of a contract is repeated. The more often, the less it is read:
# as shipped it is repeated once, and the weekly digests list it meanwhile. A milestone may have a repeat_every of its own (renewal_3m has 0: where no
# deadline is near, renewal_1m asks again).
[attention]
repeat_every = 12
owner_repeats = 1
manager_repeats = 0
admin_repeats = 0

# 期限(解約通知期限・満了)前の最終営業日に、未回答のものを担当者と上長にもう一度知らせる。
# What is still open on the last working day before a deadline is asked once more then, of the owner and the manager.
last_call = true

# この日数以内に重なる更新の質問(満了と解約通知期限など)は1回にまとめる(0 = まとめない)。
# Two questions about the renewal of a contract (its end, its notice deadline) within so many days are one (0: never).
one_question_days = 7

seen_for = 10 # 「確認済み」で静かになる営業日数 / business days that "seen" keeps quiet
call_for = 10 # 予定日のない見込みを聞き直すまでの営業日数 / business days until a call without a day is asked again
absence_days = 3 # 代理に回す不在の営業日数(期限が不在中にあれば短くても回す) / absences this long go to the delegate, shorter ones if a deadline falls inside

# 上長への連絡は通常1日1回にまとめ、期限まで urgent_days 日以内か urgent_amount(基準通貨)以上なら即時。
# Managers get one bundle a day; at once only within urgent_days of the notice deadline, or from urgent_amount (base currency) on.
urgent_days = 5
urgent_amount = 10_000_000

# 取込・設定変更・再開で、遅れた通知が1人に一度に flood_nudges 件を超えたら、管理者が `renewals release` するまで保留(期限まで pressing_days 日以内のものは送る)。
# More late nudges at once than this (after an import, an edit, a stop) are held until an admin says `renewals release`; what is within pressing_days goes out.
flood_nudges = 25
pressing_days = 7

# 毎週のまとめ(担当者には今後90日・変化・回答待ち、上長にはチームの状況)。各自のタイムゾーンで送る。
# 休業日なら同じ週の次の営業日に送り、予定がない週もその旨を伝える。
# The weekly digest (for owners 90 days ahead, what changed, what waits; for managers their team), in everybody''s own zone; on a closed day the next
# business day of that week. A week in which nothing is due says so.
digest_on = "mon"
digest_at = "09:00"


# ── 取込と、ここでの編集 / files, and what was edited here ──────────────────────────────────────────────────────────────────
# コマンドで直した項目(renewals contract edit など)を、次に取り込むファイルが別の値で言うとき："ask" = 直した値のまま一覧に出し、決めるまで待つ、
# "keep" = 直した値のまま、"file" = ファイルの値にする。どれでも、両方の値と、だれがいつ直したかを取込の結果に示す。
# A field that was edited by a command (renewals contract edit …) and that the next file says otherwise: "ask" keeps the edit and lists it until somebody
# decides, "keep" keeps it, "file" follows the file. In each case the report names both values, who edited it and when.
[import]
edits = "ask"


# ── 既存顧客のパイプライン / existing customers ─────────────────────────────────────────────────────────────────────────────
[[pipelines]]
id = "existing" # 変更しない識別子 / permanent; change the label instead
label = { ja = "既存顧客", en = "Existing customers" }

# 担当者がいない・届かないときの宛先(必須)。 / Who gets what nobody else can (required).
fallback = "email:renewals@example.com"

# ヘルス未評価の取引が入るステージ。 / The active stage of a deal whose health is unknown.
default_active = "stable"

# 導入サポートを自動で終える日数(0 = 自動では終えない)。 / Days after which onboarding ends by itself (0: never).
onboarding_days = 0

# 自動更新の契約を更新確定とする時点："at_decide_by" = 解約通知期限の3営業日後、"at_end" = 満了日の翌日。
# When an auto-renewing contract without notice counts as won: "at_decide_by" (3 business days after the notice deadline) or "at_end".
auto_renewal = "at_decide_by"

# 人やCSVによる移動で、飛び越し・後戻りを許すか。 / May people and imports skip stages, or go back?
allow_skip = false
allow_back = false

# 担当者に設定がないときのタイムゾーンと休日カレンダー(省略＝上の既定)。例 zone = "Europe/London"、calendar = "gb"
# Time zone and holiday calendar of deals whose owner has none (left out: the defaults above), e.g. zone = "Europe/London", calendar = "gb".

# kind: onboarding 導入, active 稼働中(healthに対応), renewal 更新, won 受注, lost 失注(1つだけ)。
# idは変えず、名前(label)を変えてください。ステージを置き換えるときは was = ["旧id"]。
# kind: onboarding, active (bound to a health), renewal, won, lost (only one: how far a lost deal had come is `renewals report passage`).
# Keep ids, change labels freely; a stage that replaces another says was = ["old_id"].
stages = [
  { id = "onboarding", kind = "onboarding", label = { ja = "導入サポート", en = "Onboarding" }, definition = { ja = "契約が始まり、お客様が使い始める準備をしている", en = "The contract has begun and the customer is being set up" } },
  { id = "stable", kind = "active", health = "stable", label = { ja = "安定稼働", en = "Stable" }, definition = { ja = "お客様が定期的に使い、成果を感じている", en = "The customer uses it regularly and sees results" } },
  { id = "at_risk", kind = "active", health = "at_risk", label = { ja = "要注意", en = "At risk" }, definition = { ja = "利用の低下や担当者の異動など、気がかりな兆しがある", en = "Use is falling, a champion left, or there is another worrying sign" } },
  { id = "critical", kind = "active", health = "critical", label = { ja = "解約危機", en = "Critical" }, definition = { ja = "お客様が解約を検討している", en = "The customer is considering leaving" } },
  { id = "renewal_3m", kind = "renewal", label = { ja = "契約更新(3か月前)", en = "Renewal (3 months)" }, definition = { ja = "お客様と更新について話し始める時期", en = "Time to open the renewal with the customer" } },
  { id = "renewal_1m", kind = "renewal", label = { ja = "契約更新(1か月前)", en = "Renewal (1 month)" }, definition = { ja = "お客様の最終判断と手続きの時期", en = "Time for the customer''s decision and paperwork" } },
  { id = "won", kind = "won", label = { ja = "受注", en = "Won" }, definition = { ja = "契約が更新された", en = "The contract was renewed" } },
  { id = "lost", kind = "lost", label = { ja = "失注", en = "Lost" }, definition = { ja = "契約が更新されなかった", en = "The contract was not renewed" } },
]

# 失注の理由(closed_merged は解約率に含めない)。 / Reasons for a loss (closed_merged does not count as churn).
lost_reasons = [
  { id = "low_usage", label = { ja = "利用が定着せず", en = "Never took hold" } },
  { id = "product_gap", label = { ja = "機能不足", en = "Missing features" } },
  { id = "value", label = { ja = "費用対効果・価格", en = "Value for money" } },
  { id = "budget", label = { ja = "予算削減・稟議否決", en = "Budget cut or not approved" } },
  { id = "competitor", label = { ja = "他社切替", en = "Went to a competitor" } },
  { id = "in_house", label = { ja = "内製化・統合", en = "Built in house or consolidated" } },
  { id = "champion_left", label = { ja = "推進担当者の異動・退職", en = "Champion left" } },
  { id = "service", label = { ja = "障害・サポート不満", en = "Outages or poor support" } },
  { id = "project_end", label = { ja = "事業終了", en = "Project ended" } },
  { id = "closed_merged", label = { ja = "廃業・合併", en = "Closed or merged" } },
  { id = "unpaid", label = { ja = "料金未払い", en = "Unpaid" } },
  { id = "no_contact", label = { ja = "連絡不通", en = "Out of contact" } },
  { id = "our_decision", label = { ja = "当社都合", en = "Our decision" } },
  { id = "other", label = { ja = "その他", en = "Other" } },
]


# ── 新規商談のパイプライン / new business ───────────────────────────────────────────────────────────────────────────────────
[[pipelines]]
id = "new_business"
label = { ja = "新規商談", en = "New business" }
fallback = "email:renewals@example.com"

# 受注すると、このパイプラインに契約と取引を作る。 / A deal won here opens a contract and a deal in this pipeline.
opens = "existing"

stages = [
  { id = "qualified", kind = "open", label = { ja = "商談の見極め", en = "Qualified" }, definition = { ja = "お客様に解決したい課題がある", en = "The customer has a problem worth solving" } },
  { id = "problem_agreed", kind = "open", label = { ja = "課題の認識合意", en = "Problem agreed" }, definition = { ja = "お客様と課題の認識が一致した", en = "The customer agrees on the problem" } },
  { id = "value_agreed", kind = "open", label = { ja = "価値への合意", en = "Value agreed" }, definition = { ja = "解決策の価値にお客様が合意した", en = "The customer agrees on what it is worth" } },
  { id = "terms_agreed", kind = "open", label = { ja = "条件への同意", en = "Terms agreed" }, definition = { ja = "価格と条件にお客様が同意した", en = "The customer agrees on price and terms" } },
  { id = "approved", kind = "open", label = { ja = "稟議承認", en = "Approved" }, definition = { ja = "お客様の社内承認が下りた", en = "The customer''s own approval is through" } },
  { id = "won", kind = "won", label = { ja = "受注", en = "Won" }, definition = { ja = "契約した", en = "The contract is signed" } },
  { id = "lost", kind = "lost", label = { ja = "失注", en = "Lost" }, definition = { ja = "契約に至らなかった", en = "It did not come to a contract" } },
]
lost_reasons = [
  { id = "no_need", label = { ja = "課題なし", en = "No need" } },
  { id = "timing", label = { ja = "時期見送り", en = "Not now" } },
  { id = "no_decision", label = { ja = "検討中止", en = "No decision" } },
  { id = "value", label = { ja = "費用対効果・価格", en = "Value for money" } },
  { id = "budget", label = { ja = "予算不足", en = "No budget" } },
  { id = "competitor", label = { ja = "他社決定", en = "Chose a competitor" } },
  { id = "product_gap", label = { ja = "機能不足", en = "Missing features" } },
  { id = "other", label = { ja = "その他", en = "Other" } },
]


# ── 通知タイミング / milestones ────────────────────────────────────────────────────────────────────────────────────────────
# id         変更しない識別子。置き換えるときは was = ["旧id"]           permanent; a replacement says was = ["old_id"]
# anchor     起点：ends_on 満了日, starts_on 開始日, decide_by 解約通知期限, stage_entered_on ステージに入った日, expected_on 予定日, anniversary 毎年の開始日
#            the day it is counted from
# offset     起点からの長さ："-3 months", "-30 days", "+10 business days", "3か月前", "10営業日後"      how far from it
# every      満了まで繰り返す間隔。例 "3 months"：開始日から3か月ごと(更新しても数え直さない)。最初は起点からoffsetの日(offsetが0以下なら1回目の間隔の後)
#            comes again so often until the contract ends, e.g. "3 months" from starts_on: every quarter, also across a renewal. The first time lies
#            at the offset after the anchor, or one `every` later where the offset is 0 or negative. An anniversary recurs by itself.
# shift      休業日に当たるとき："earlier" 前倒し, "later" 後ろ倒し, "none" そのまま      on a closed day: earlier (for deadlines), later, or none
# month_end  月末から数えるとき："clamp" 同じ日(なければ月末), "stick" 常に月末      from a month''s last day: clamp (the same day), stick (the month''s end)
# series     同じ系列では、後のものが前のものに代わる      of one series the latest speaks and the earlier fall silent
# stages     対象のステージ(省略＝終了していないすべて)      the stages it is for (left out: every open one)
# where      条件。例 / conditions, e.g. { amount = ">= 1000000", segment = ["enterprise", "mid"], auto_renew = false, health = { not = ["stable"] } }
#            状態でも選べる / the deal''s state too: { notice = false } 解約通知なし, { paperwork = { not = ["ordered"] } } 発注書なし,
#            { call = ["none", "unsure"] } 見込みなし・未定。解約通知・発注書のあとは、満了・期限から数える通知は更新を尋ねない(文面は after_notice、after_order)
#            after a notice or an order, milestones that count towards the end or a deadline ask for no renewal (texts: after_notice, after_order)
# moves_to   到達したら取引を移すステージ      the stage the deal is moved to
# tell       宛先：owner, manager, sales, "slack:#renewals", "email:cs@example.com"      whom to tell
# asks       回答を求めるか      whether an answer is wanted
# ask        お願いの文(省略＝テンプレートの文)      the one thing asked (left out: the template''s)
# template   文面(省略＝idと同じ名前)      the template (left out: the one named like the id)
# open_until 条件がまだ成り立たないとき、この長さだけ待つ。例 "30 days"      how long a false condition may still come true
# repeat_every 再通知の間隔(営業日、省略＝[attention]の値、0＝それ自体は再通知なし。期限の前だけ [attention] の間隔でもう一度尋ねる)
#            business days between reminders (left out: [attention]''s; 0: not repeated by itself, only before a deadline at [attention]''s rhythm)
# spread     集中を避けるため、この営業日数まで早める(遅らせない)。3月末に60件が重なる担当者でも、spread = 9 なら10営業日に分かれ、
#            1日6件ほどになる。ほかの契約が増えても、各契約の日は変わらない
#            come up to this many business days earlier, never later: sixty renewals of 31 March come up over ten working days with spread = 9,
#            about six a day. A contract''s day never changes with the others.

[[milestones]]
id = "renewal_3m"
pipeline = "existing"
label = { ja = "契約更新3か月前", en = "3 months before renewal" }
anchor = "ends_on"
offset = "-3 months"
shift = "earlier"
series = "renewal"
moves_to = "renewal_3m"
tell = ["owner"]
asks = true
repeat_every = 0 # 1か月前にもう一度尋ねるため / "1 month before" asks again

[[milestones]]
id = "renewal_1m"
pipeline = "existing"
label = { ja = "契約更新1か月前", en = "1 month before renewal" }
anchor = "ends_on"
offset = "-1 month"
shift = "earlier"
series = "renewal"
moves_to = "renewal_1m"
tell = ["owner"]
asks = true

[[milestones]]
id = "decide_by_30d"
pipeline = "existing"
label = { ja = "解約通知期限30日前", en = "30 days before the notice deadline" }
anchor = "decide_by"
offset = "-30 days"
shift = "earlier"
series = "deadline"
tell = ["owner"]
asks = true

[[milestones]]
id = "onboarding_30d"
pipeline = "existing"
label = { ja = "導入30日", en = "30 days of onboarding" }
anchor = "starts_on"
offset = "+30 days"
shift = "later"
series = "onboarding"
stages = ["onboarding"]
tell = ["owner"]
asks = true

[[milestones]]
id = "onboarding_90d"
pipeline = "existing"
label = { ja = "導入90日", en = "90 days of onboarding" }
anchor = "starts_on"
offset = "+90 days"
shift = "later"
series = "onboarding"
stages = ["onboarding"]
tell = ["owner", "manager"]
asks = true


# ── HubSpot ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
# HubSpotの取引との同期(なし＝同期しない)。
# HubSpot''s deals, kept in step (left out: they are not).
#
# [hubspot]
# every_seconds = 60      # 同期の間隔(0＝コマンドのときだけ)      how often the two are compared (0: only by command)
# overlap_minutes = 15    # 毎回さかのぼって見直す時間      how far back each comparison looks again: HubSpot''s search lags
# language = "en"         # HubSpotに書く文の言語(省略＝上の language)      language of what is written there (left out: the language above)
# push = false            # HubSpotに書き込むか      is anything written there?
# create_renewals = false # 次の契約期間の取引が1日以内に作られなければ、HubSpotに作成する(push = true のとき)      make a next term''s deal there, if nobody has within a day (with push = true)
#
# [hubspot.fields]        # 項目 = "プロパティの内部名"(""＝使わない)      our field = "their property''s internal name" ("": none)
# ends_on = "contract_end_date"
# term = "contract_months"
# ends_on = "line_items/hs_recurring_billing_end_date"      # 商品項目・見積(quotes/…)・契約(contracts/…)からも読める      also from line items, quotes and contracts
#
# [hubspot.stages]        # "パイプラインID/ステージID" = ここでのステージ      "pipeline''s id/stage''s id" = where its deals stand here
# "default/80123456" = "existing/stable"
# "default/closedwon" = { to = "existing", bought = true }     # 成約：その契約を追う      won: its contract is followed
# "default/closedlost" = { to = "new_business/lost", after = "unknown" }     # どこまで進んだか不明      nobody knows how far it came
# "default/80123457" = { to = "existing/renewal_3m", target = true }     # 同じ意味が複数あるとき、ここでの移動の書き込み先      of several alike, where our moves go
# "old/80123458" = { to = "existing", without_contract = "new_business/qualified", close_date = "end" }
# "old/80123459" = "skip"     # 対象外      left out
# "old/Won %2F signed" = { to = "existing", bought = true }     # IDの中の / は %2F と書く      a / inside an id is written %2F


# ── 更新見通し / forecast ───────────────────────────────────────────────────────────────────────────────────────────────────
# renewals report forecast で未決の契約に掛ける重み：100件中何件更新するか。同じヘルス・見込みの結果が least 件以上あれば実績を使う(docs/reports.md)
# What `renewals report forecast` weighs open renewals by: of a hundred, how many renew. Own history instead, once there are `least` closed ones alike (docs/reports.md)
#
# [forecast]
# commit = 95             # 担当者が更新見込み、ヘルスも安定      the rep says it will renew, and the health is stable
# likely = 80             # どちらか一方      one of the two
# at_risk = 35            # 担当者かヘルスが危険      the rep or the health says otherwise
# not_assessed = 60       # 未評価      nobody has said anything
# notice = 0              # 解約通知を受領      a notice was received
# least = 20              # 実績を使うのに必要な件数      so many closed ones, and own history weighs instead


# ── ヘルス / health ─────────────────────────────────────────────────────────────────────────────────────────────────────────
# シグナルと問いかけによるヘルス(なし＝人の評価だけ)。詳しくは docs/health.md
# Health from signals and from asking (left out: only what people say). More in docs/health.md
#
# [health]
# enter = { at_risk = 60, critical = 30 }     # このスコアを下回るとその状態になる      scores below which a state begins
# leave = { at_risk = 65, critical = 35 }     # このスコア以上で良い方へ戻る      scores from which on it is left for a better one
# least_share = 0.5       # データが必要な重みの割合(足りなければ未評価)      share of the weights that needs data (less: not assessed)
# least_days = 7          # 良い方へ戻るまでの日数(悪い方へはすぐ)      days a state lasts before it may get better (worse: at once)
# of = "contract"         # "customer" = お客様のすべての契約のシグナルをまとめる      "customer": the signals of all contracts of a customer together
# override_for = "90 days"     # 人の評価が優先される期間(""＝次に評価するまで)      how long what a person says stands above what is measured
# notice = "critical"     # 解約通知を受けたときのヘルス(""＝そのまま)      the health of a customer who gave notice ("": as before)
# pulse_after = "90 days"      # この期間なにもわからなければ担当者に尋ねる(""＝尋ねない)      the owner is asked once nothing newer is known
# pulse_months = [6, 3]        # 満了の何か月前に必ず尋ねるか      months before the end at which they are asked in any case,
# pulse_fresh = "30 days"      # この期間内にわかっていれば尋ねない      unless something was learned within this time
# reasons = [             # 評価の理由の選択肢(省略＝この一覧、[]＝尋ねない)      the reasons people may name for what they say (left out: these; []: none)
#                         # states: どのヘルスの理由か(省略＝すべて)      what it can be said of (left out: each)
#   { id = "low_usage", label = { ja = "利用の減少", en = "Use is falling" }, states = ["at_risk", "critical"] },
#   { id = "champion_left", label = { ja = "推進担当者の異動・退職", en = "Champion left" }, states = ["at_risk", "critical"] },
#   { id = "value", label = { ja = "効果への疑問", en = "Doubts about the value" }, states = ["at_risk", "critical"] },
#   { id = "budget", label = { ja = "予算・価格", en = "Budget or price" }, states = ["at_risk", "critical"] },
#   { id = "competitor", label = { ja = "他社の検討", en = "Looking at a competitor" }, states = ["at_risk", "critical"] },
#   { id = "product_gap", label = { ja = "機能不足", en = "Missing features" }, states = ["at_risk", "critical"] },
#   { id = "service", label = { ja = "障害・サポート不満", en = "Outages or poor support" }, states = ["at_risk", "critical"] },
#   { id = "no_contact", label = { ja = "連絡不通", en = "Out of contact" }, states = ["at_risk", "critical", "unknown"] },
#   { id = "their_change", label = { ja = "組織変更・合併", en = "Reorganisation or merger" }, states = ["at_risk", "critical"] },
#   { id = "doing_well", label = { ja = "順調に利用", en = "Uses it well" }, states = ["stable"] },
#   { id = "other", label = { ja = "その他", en = "Other" } },
# ]
#
# [[health.measures]]
# id = "logins"
# label = { ja = "ログイン数", en = "logins" }
# signal = "logins"       # 取込時のシグナル名      the signal''s name, as it is imported
# reads = "change"        # latest 最新値, count 件数, sum 合計, mean 平均, change 変化率, age 最後からの日数
#                         # what is made of its values; change: of the mean, -0.3 is 30 % less; age: days since the latest
# window = "30 days"      # 見る期間      the span that is looked at
# against = "90 days"     # 変化率で比べる、その前の期間      for change: the span before it
# expires = "45 days"     # これより古いシグナルは使わない      a signal older than this says nothing any more
# weight = 3              # 重み      how much it counts beside the others
# bands = [{ below = -0.3, points = 0 }, { below = -0.1, points = 50 }, { points = 100 }]     # 値ごとの点数      what values are worth
# # missing = 50          # データがないときの点数(省略＝数えない)      its points without any data (left out: not counted)
# # stages = ["stable", "at_risk", "critical"]   # 対象のステージ      the stages it is for
# # where = { segment = ["enterprise"] }         # 条件      conditions
#
# [[health.rules]]        # スコアにかかわらない条件      a fact that stands above the score
# id = "champion_left"
# label = { ja = "推進者の離任", en = "champion left" }
# signal = "champion_left"
# at_least = 1            # または below      or below
# expires = "180 days"
# state = "critical"      # "at_risk" または "critical"      or "at_risk"


# ── このマシンの設定 / this machine ───────────────────────────────────────────────────────────────────────────────────────
# ここから下は変更しても方針の版は変わりません。 / Nothing below is part of the versioned policy.
[machine]
sweep_seconds = 30 # 期日を見る間隔 / how often deals that are due are looked for
deliver_seconds = 10 # 送信を見る間隔 / how often messages are sent
log = "auto" # "auto" = 端末では文章、それ以外はJSON / text on a terminal, JSON elsewhere; or "text", "json"

# 保存した変更をすぐに適用するか。false なら renewals plan で効果を確かめ、renewals apply で適用する。遅れたリマインドが一度に多数出る変更は、true でも待つ。
# Whether an edit comes into force when it is saved. With false: `renewals plan` shows what it would do, `renewals apply` puts it in force.
# An edit that would bring up many late reminders at once waits for that in either case.
apply_edits = true

# メールやSlackに入れるリンクの公開URLと、それを待ち受けるアドレス(空＝リンクなし)。例："https://renewals.example.co.jp"、"127.0.0.1:8787"
# Where people reach the links in messages, and where this machine serves them (empty: no links). Behind nginx, Caddy, Tailscale: docs/links.md
base_url = ""
listen = ""

# 監視用：/livez、/readyz、/metrics に答えるアドレス(空＝なし。例："127.0.0.1:8788")。docs/watching.md
# For those who watch this machine: where /livez, /readyz and /metrics are answered (empty: nowhere), e.g. "127.0.0.1:8788". docs/watching.md
health_listen = ""

# 外部の監視サービスのURL(空＝なし)。巡回と送信が完了した分ごとに1回知らせ、途切れるとサービスが人を呼ぶ。例："https://hc-ping.com/…"
# An outside watcher, told once a minute of completed rounds, so that somebody is called when this machine is silent (empty: nobody).
heartbeat_url = ""

# メールの差出人(送信にはSMTP_URLも必要)。 / Sender of mails (sending also needs SMTP_URL).
mail_from = "Renewals <renewals@example.com>"
mails_per_connection = 100 # この通数ごとに接続し直す / mails sent on one connection before a new one is made

# 送信中のメッセージを1台が預かる秒数、1回の送信の上限秒数、一度に送る件数。
# Seconds a worker keeps a message to itself, seconds one sending may take, messages taken at once.
lease_seconds = 120
send_seconds = 30
send_batch = 20

# 毎晩のデータベースの写し(SQLiteのみ)：置き場所(空＝作らない)、時刻(zone の時刻)、残す数。戻すには renewals restore(docs/backup.md)。
# The nightly copy of a SQLite database: where (empty: none), when (in `zone`), and how many are kept. To put one back: renewals restore (docs/backup.md)
backups = "data/backups"
backup_at = "03:30"
backups_kept = 14
');
CREATE TABLE seals (
	topic VARCHAR NOT NULL, 
	block INTEGER NOT NULL, 
	digests TEXT NOT NULL, 
	CONSTRAINT pk_seals PRIMARY KEY (topic, block)
);
INSERT INTO "seals" VALUES('policy_versions',0,'0000000000000000af8451ccab98b45c00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "seals" VALUES('people',0,'0000000000000000080a9ed428559ef6038966de9f6b9a9006d033ece6645de5000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "seals" VALUES('customers',0,'0000000000000000080a9ed428559ef6038966de9f6b9a900000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "seals" VALUES('contracts',0,'0000000000000000080a9ed428559ef6038966de9f6b9a900000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "seals" VALUES('deals',0,'0000000000000000957903ecb5d9329de90b05493c5a66410000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "seals" VALUES('passages',0,'0000000000000000c5c4d84ff6521fadd7bf0a1ffa8fa857a9573d0145a9354f432aecf7aae4883d00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "seals" VALUES('events',0,'00000000000000007ac1a305f2ade6292c2367c56cb784c1dd16bfb5b8cb0df824ad14ec3cd7b4c8a9cc2eddfa9d34b78404ce1aeca2cb1957aad22dfc99bab100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "seals" VALUES('imports',0,'0000000000000000621fd254c796eb953a08d76bd16cd30c0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "seals" VALUES('import_changes',0,'0000000000000000051c6107990216b97e97d795fadaf1150000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "seals" VALUES('messages',0,'0000000000000000af10fff21176d9459023176c96e158d29a018b4cae9754712e1a16f7848f34d7264a1c90101abe736ddba0326567c21fee7cbfbb6a22026500000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "seals" VALUES('nudges',0,'0000000000000000a5029e86c84fcb3b223cee23abfc2c070000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000');
CREATE TABLE signal_subjects (
	id INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	written VARCHAR NOT NULL, 
	contract_id INTEGER, 
	customer_id INTEGER, 
	CONSTRAINT pk_signal_subjects PRIMARY KEY (id), 
	CONSTRAINT uq_signal_subjects_kind_key UNIQUE (kind, "key"), 
	CONSTRAINT ck_signal_subjects_kind CHECK (kind IN ('contract', 'customer')), 
	CONSTRAINT fk_signal_subjects_contract_id_contracts FOREIGN KEY(contract_id) REFERENCES contracts (id) ON DELETE SET NULL, 
	CONSTRAINT fk_signal_subjects_customer_id_customers FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE SET NULL
);
CREATE TABLE signals (
	id INTEGER NOT NULL, 
	subject_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	at VARCHAR(26) NOT NULL, 
	source VARCHAR DEFAULT '' NOT NULL, 
	value FLOAT NOT NULL, 
	received_at VARCHAR(26) NOT NULL, 
	superseded_at VARCHAR(26), 
	voided_at VARCHAR(26), 
	import_id INTEGER NOT NULL, 
	CONSTRAINT pk_signals PRIMARY KEY (id), 
	CONSTRAINT ck_signals_voided CHECK (voided_at IS NULL OR superseded_at IS NOT NULL), 
	CONSTRAINT fk_signals_subject_id_signal_subjects FOREIGN KEY(subject_id) REFERENCES signal_subjects (id), 
	CONSTRAINT fk_signals_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id)
);
CREATE INDEX ix_policy_versions_hash ON policy_versions (hash);
CREATE INDEX ix_people_import_id ON people (import_id);
CREATE INDEX ix_people_email ON people (email);
CREATE INDEX ix_people_manager_id ON people (manager_id);
CREATE INDEX ix_people_slack_id ON people (slack_id);
CREATE INDEX ix_people_feed_secret ON people (feed_secret);
CREATE INDEX ix_customers_import_id ON customers (import_id);
CREATE INDEX ix_envelopes_open ON envelopes (received_at) WHERE handled_at IS NULL;
CREATE INDEX ix_hubspot_records_company ON hubspot_records (waits, company_id) WHERE waits <> '';
CREATE INDEX ix_hubspot_records_queue ON hubspot_records (waits, read_at, record_id) WHERE waits <> '';
CREATE INDEX ix_hubspot_records_state ON hubspot_records (state);
CREATE INDEX ix_hubspot_records_waits ON hubspot_records (waits, record_id) WHERE waits <> '';
CREATE INDEX ix_hubspot_ledger_record_id_name ON hubspot_ledger (record_id, name);
CREATE INDEX ix_hubspot_ledger_unchecked ON hubspot_ledger (id) WHERE checked_at IS NULL;
CREATE INDEX ix_absences_person_id ON absences (person_id);
CREATE INDEX ix_contracts_number ON contracts (number);
CREATE INDEX ix_contracts_owner_id ON contracts (owner_id);
CREATE INDEX ix_contracts_ends_on ON contracts (ends_on);
CREATE INDEX ix_contracts_predecessor_id ON contracts (predecessor_id);
CREATE INDEX ix_contracts_import_id ON contracts (import_id);
CREATE INDEX ix_contracts_customer_id ON contracts (customer_id);
CREATE INDEX ix_messages_refresh ON messages (refresh_at) WHERE refresh_at IS NOT NULL;
CREATE INDEX ix_messages_person_id ON messages (person_id);
CREATE INDEX ix_messages_lease ON messages (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX ix_messages_queue ON messages (state, not_before_at);
CREATE INDEX ix_messages_recipient_window_on ON messages (recipient, window_on);
CREATE INDEX ix_messages_unsealed ON messages (id) WHERE state = 'sent' AND seal IS NULL;
CREATE INDEX ix_import_changes_import_id ON import_changes (import_id);
CREATE INDEX ix_edits_table_name_row_id ON edits (table_name, row_id);
CREATE INDEX ix_edits_import_id ON edits (import_id);
CREATE INDEX ix_deals_pipeline_stage ON deals (pipeline, stage);
CREATE INDEX ix_deals_wake_at ON deals (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX ix_deals_import_id ON deals (import_id);
CREATE INDEX ix_deals_policy_version ON deals (policy_version) WHERE voided_at IS NULL;
CREATE INDEX ix_signal_subjects_contract_id ON signal_subjects (contract_id);
CREATE INDEX ix_signal_subjects_customer_id ON signal_subjects (customer_id);
CREATE INDEX ix_health_changes_deal_id ON health_changes (deal_id);
CREATE INDEX ix_passages_import_id ON passages (import_id);
CREATE INDEX ix_passages_deal_id ON passages (deal_id);
CREATE INDEX ix_events_deal_id ON events (deal_id);
CREATE UNIQUE INDEX uq_events_live ON events (deal_id, milestone, anchor_on, step) WHERE state <> 'withdrawn';
CREATE INDEX ix_nudges_message_id ON nudges (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX ix_nudges_deal_id ON nudges (deal_id);
CREATE INDEX ix_nudges_waiting ON nudges (recipient, due_at) WHERE state = 'waiting' AND message_id IS NULL;
CREATE INDEX ix_nudges_held ON nudges (recipient) WHERE state = 'held';
CREATE INDEX ix_nudges_person_id ON nudges (person_id);
CREATE INDEX ix_answers_deal_id ON answers (deal_id);
CREATE UNIQUE INDEX uq_answers_request ON answers (request);
CREATE INDEX ix_signals_import_id ON signals (import_id);
CREATE INDEX ix_signals_past ON signals (subject_id, name, at, source) WHERE superseded_at IS NOT NULL;
CREATE UNIQUE INDEX ix_signals_live ON signals (subject_id, name, at, source) WHERE superseded_at IS NULL;
CREATE INDEX ix_hubspot_pushes_record_id ON hubspot_pushes (record_id);
CREATE INDEX ix_hubspot_pushes_state_not_before_at ON hubspot_pushes (state, not_before_at);
CREATE INDEX ix_hubspot_pushes_lease ON hubspot_pushes (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX ix_hubspot_conflicts_deal_id ON hubspot_conflicts (deal_id);
COMMIT;

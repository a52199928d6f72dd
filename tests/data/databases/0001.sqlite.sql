BEGIN TRANSACTION;
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE answers (
	id INTEGER NOT NULL, 
	deal_id INTEGER NOT NULL, 
	verb VARCHAR NOT NULL, 
	details JSON NOT NULL, 
	"before" JSON NOT NULL, 
	person_id INTEGER, 
	actor VARCHAR NOT NULL, 
	via VARCHAR NOT NULL, 
	at VARCHAR(26) NOT NULL, 
	undone_at VARCHAR(26), 
	CONSTRAINT pk_answers PRIMARY KEY (id), 
	CONSTRAINT fk_answers_deal_id_deals FOREIGN KEY(deal_id) REFERENCES deals (id), 
	CONSTRAINT fk_answers_person_id_people FOREIGN KEY(person_id) REFERENCES people (id)
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
	decide_by DATE, 
	auto_renew BOOLEAN NOT NULL, 
	evergreen BOOLEAN NOT NULL, 
	amount INTEGER NOT NULL, 
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
INSERT INTO "contracts" VALUES(1,'csv','C-1','C-1',1,'Pro','','2026-04-01','2027-03-31','12 months','2 months','2027-01-31',1,0,3600000,'JPY',3,NULL,NULL,0,'2026-04-01',0,NULL,0,NULL,'b98442c4148de30e6f4306f0',2);
INSERT INTO "contracts" VALUES(2,'csv','C-2','C-2',2,'Pro','','2026-04-01','2027-03-31','12 months','30 days','2027-03-01',0,0,1200000,'GBP',1,NULL,NULL,0,'2026-04-01',0,NULL,0,NULL,'0eb2a25df38b75c667000727',2);
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
	paperwork VARCHAR NOT NULL, 
	expected_on DATE, 
	call VARCHAR, 
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
INSERT INTO "deals" VALUES(1,'dae7307a-8c95-5ae0-b413-e349f4415ce4',3,1,'existing','renewal_3m','2027-01-04 03:00:00.000000','2026-10-01 09:00:00.000000','2026-10-01 09:00:00.000000','unknown','','none',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2027-02-02 15:00:00.000000',1,2);
INSERT INTO "deals" VALUES(2,'b2a06ae5-1784-5f08-bab8-18fc74f33828',3,2,'existing','renewal_3m','2027-01-04 03:00:00.000000','2026-10-01 09:00:00.000000','2026-10-01 09:00:00.000000','unknown','','none',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2027-01-29 00:00:00.000000',1,2);
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
	CONSTRAINT pk_events PRIMARY KEY (id), 
	CONSTRAINT ck_events_state CHECK (state IN ('fired', 'superseded', 'skipped', 'baseline', 'carried_over', 'expired', 'withdrawn')), 
	CONSTRAINT fk_events_deal_id_deals FOREIGN KEY(deal_id) REFERENCES deals (id)
);
INSERT INTO "events" VALUES(1,1,'onboarding_30d','2026-04-01',0,'2026-05-01','skipped',NULL,'{"code": "stage_not_meant", "stage": "stable"}','2026-10-01 09:00:00.000000',NULL,NULL,NULL);
INSERT INTO "events" VALUES(2,1,'onboarding_90d','2026-04-01',0,'2026-06-30','skipped',NULL,'{"code": "stage_not_meant", "stage": "stable"}','2026-10-01 09:00:00.000000',NULL,NULL,NULL);
INSERT INTO "events" VALUES(3,2,'onboarding_30d','2026-04-01',0,'2026-05-01','skipped',NULL,'{"code": "stage_not_meant", "stage": "stable"}','2026-10-01 09:00:00.000000',NULL,NULL,NULL);
INSERT INTO "events" VALUES(4,2,'onboarding_90d','2026-04-01',0,'2026-06-30','skipped',NULL,'{"code": "stage_not_meant", "stage": "stable"}','2026-10-01 09:00:00.000000',NULL,NULL,NULL);
INSERT INTO "events" VALUES(5,1,'renewal_3m','2027-03-31',0,'2026-12-31','fired',NULL,'{"code": "reached", "label": "契約更新3か月前", "anchor": "ends_on", "anchor_on": "2027-03-31"}','2027-01-04 03:00:00.000000',NULL,NULL,NULL);
INSERT INTO "events" VALUES(6,1,'decide_by_30d','2027-01-31',0,'2027-01-01','fired',NULL,'{"code": "reached", "label": "解約通知期限30日前", "anchor": "decide_by", "anchor_on": "2027-01-31"}','2027-01-04 03:00:00.000000',NULL,NULL,NULL);
INSERT INTO "events" VALUES(7,2,'renewal_3m','2027-03-31',0,'2026-12-31','fired',NULL,'{"code": "reached", "label": "契約更新3か月前", "anchor": "ends_on", "anchor_on": "2027-03-31"}','2027-01-04 03:00:00.000000',NULL,NULL,NULL);
CREATE TABLE import_changes (
	id INTEGER NOT NULL, 
	import_id INTEGER NOT NULL, 
	table_name VARCHAR NOT NULL, 
	row_id INTEGER NOT NULL, 
	"before" JSON NOT NULL, 
	"after" JSON NOT NULL, 
	CONSTRAINT pk_import_changes PRIMARY KEY (id), 
	CONSTRAINT fk_import_changes_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id)
);
INSERT INTO "import_changes" VALUES(1,1,'people',1,'{"manager_id": null}','{"manager_id": 2}');
INSERT INTO "import_changes" VALUES(2,1,'people',3,'{"manager_id": null}','{"manager_id": 2}');
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
	CONSTRAINT pk_imports PRIMARY KEY (id)
);
INSERT INTO "imports" VALUES(1,'people','people','people.csv','87166b907d749e6344a2fc58e55e66a5f87d9ce34c7fb80674d272a366c0529f','completed',1,'{"new": 3, "updated": 0, "unchanged": 0, "rejected": 0, "skipped": 0, "renewed": 0, "adopted": 0}','2026-10-01 09:00:00.000000','2026-10-01 09:00:00.000000');
INSERT INTO "imports" VALUES(2,'csv','contracts','contracts.csv','c2c329af67ca1d119569f83ea3c0cc9743b9244b3e5b40b5d5ba48f62ef18398','completed',1,'{"new": 2, "updated": 0, "unchanged": 0, "rejected": 0, "skipped": 0, "renewed": 0, "adopted": 0}','2026-10-01 09:00:00.000000','2026-10-01 09:00:00.000000');
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
	subject VARCHAR, 
	body JSON, 
	CONSTRAINT pk_messages PRIMARY KEY (id), 
	CONSTRAINT uq_messages_key UNIQUE ("key"), 
	CONSTRAINT ck_messages_state CHECK (state IN ('queued', 'claimed', 'handed_over', 'sent', 'unknown', 'in_doubt', 'held', 'cancelled', 'dead')), 
	CONSTRAINT fk_messages_person_id_people FOREIGN KEY(person_id) REFERENCES people (id)
);
INSERT INTO "messages" VALUES(1,'23c1e611-6226-5599-83ef-d0c00f590297','nudges','person:3',3,'preview','chika@example.jp','ja','2027-01-04',NULL,'sent','','2027-01-04 03:00:00.000000','2027-01-04 03:00:00.000000','vm:9323',NULL,1,1,0,'2027-01-04 03:00:00.000000','2027-01-04 03:00:00.000000','preview','【要確認】契約更新 2件(最短期限1/29)','{"text": "\u5343\u4f73 \u7530\u4e2d\u3055\u3093\n\n\u78ba\u8a8d\u3092\u304a\u9858\u3044\u3057\u305f\u3044\u5951\u7d04\u304c2\u4ef6\u3042\u308a\u307e\u3059\u3002\u6025\u304e\u3067\u91d1\u984d\u306e\u5927\u304d\u3044\u9806\u306b\u4e26\u3079\u3066\u3044\u307e\u3059\u3002\n\n\u25a0 \u9752\u8449\u5546\u4e8b\u69d8\n\u30fb\u5951\u7d04\u66f4\u65b03\u304b\u6708\u524d\uff5cPro\u30fb\u00a53,600,000/\u5e74\n\u6e80\u4e86 2027/3/31(\u6c34)\u30fb\u3042\u306886\u65e5\uff5c\u81ea\u52d5\u66f4\u65b0\u3042\u308a\n\u89e3\u7d04\u901a\u77e5\u671f\u9650 1/31(\u65e5)\uff1a\u5b9f\u8cea 1/29(\u91d1)\n\u30d8\u30eb\u30b9\uff1a\u672a\u8a55\u4fa1\n\u304a\u9858\u3044\uff1a\u7d99\u7d9a\u306e\u3054\u610f\u5411\u3068\u3001\u5148\u65b9\u306e\u4e88\u7b97\u30fb\u7a1f\u8b70\u306e\u6642\u671f\u3092\u3054\u78ba\u8a8d\u304f\u3060\u3055\u3044\u3002\n\u56de\u7b54\uff1arenewals answer C-1 call renew\n\u6e80\u4e863\u304b\u6708\u524d\n\n\u30fb\u89e3\u7d04\u901a\u77e5\u671f\u965030\u65e5\u524d\uff5cPro\u30fb\u00a53,600,000/\u5e74\n\u6e80\u4e86 2027/3/31(\u6c34)\u30fb\u3042\u306886\u65e5\uff5c\u81ea\u52d5\u66f4\u65b0\u3042\u308a\n\u89e3\u7d04\u901a\u77e5\u671f\u9650 1/31(\u65e5)\uff1a\u5b9f\u8cea 1/29(\u91d1)\n\u30d8\u30eb\u30b9\uff1a\u672a\u8a55\u4fa1\n\u304a\u9858\u3044\uff1a\u89e3\u7d04\u3084\u6761\u4ef6\u5909\u66f4\u306e\u3054\u5e0c\u671b\u304c\u306a\u3044\u304b\u3001\u671f\u9650\u307e\u3067\u306b\u5148\u65b9\u3078\u3054\u78ba\u8a8d\u304f\u3060\u3055\u3044\u3002\n\u56de\u7b54\uff1arenewals answer C-1 call renew\n\u89e3\u7d04\u901a\u77e5\u671f\u965030\u65e5\u524d\n", "html": "<!DOCTYPE html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"supported-color-schemes\" content=\"light dark\">\n<title>\u5951\u7d04\u66f4\u65b0 2\u4ef6</title>\n<style>\n  body { margin: 0; padding: 0; background-color: #eef1f6; }\n  .page { background-color: #eef1f6; width: 100%; }\n  .text { font-family: -apple-system, BlinkMacSystemFont, \"Segoe UI\", \"Hiragino Sans\", \"Noto Sans JP\", \"Noto Sans CJK JP\", Meiryo, Roboto, Helvetica, Arial, sans-serif; color: #1c2434; font-size: 15px; line-height: 1.65; }\n  .hidden { display: none; max-height: 0; overflow: hidden; font-size: 1px; line-height: 1px; color: #eef1f6; }\n  .card { background-color: #ffffff; border: 1px solid #dde3ec; border-radius: 12px; width: 100%; max-width: 600px; }\n  .inside { padding: 26px 30px 24px 30px; }\n  .tag { display: inline-block; background-color: #e8edfd; color: #2f4bc0; border-radius: 999px; font-size: 12px; font-weight: 600; line-height: 1.5; padding: 3px 12px; }\n  .who { color: #111827; font-size: 23px; font-weight: 700; line-height: 1.35; margin: 12px 0 0 0; }\n  .what { color: #5a6478; font-size: 15px; margin: 2px 0 0 0; }\n  .lead { margin: 16px 0 0 0; }\n  .next { margin: 2px 0 0 0; }\n  .facts { border-top: 1px solid #e6eaf1; margin: 18px 0 0 0; width: 100%; }\n  .facts td { border-bottom: 1px solid #e6eaf1; padding: 9px 0; vertical-align: top; font-size: 15px; line-height: 1.5; }\n  .facts td.name { color: #6b7588; font-size: 13px; padding-right: 16px; padding-top: 10px; white-space: nowrap; width: 1%; }\n  .facts td.urgent { color: #a3400a; font-weight: 700; }\n  .ask { background-color: #f2f5fe; border-left: 4px solid #3b5bdb; border-radius: 0 8px 8px 0; margin: 20px 0 0 0; width: 100%; }\n  .ask td { padding: 13px 16px 14px 16px; font-size: 16px; line-height: 1.6; font-weight: 600; color: #1c2434; }\n  .ask .name { color: #2f4bc0; display: block; font-size: 12px; font-weight: 700; margin: 0 0 2px 0; }\n  .button { border-radius: 8px; background-color: #3b5bdb; }\n  .button a { color: #ffffff; display: inline-block; font-size: 15px; font-weight: 600; line-height: 1.2; padding: 12px 22px; text-decoration: none; }\n  .small { color: #6b7588; font-size: 13px; line-height: 1.6; margin: 16px 0 0 0; }\n  .command { background-color: #f3f5f9; border-radius: 5px; color: #2b3547; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 12.5px; padding: 2px 7px; }\n  .item { border-top: 1px solid #dde3ec; margin: 22px 0 0 0; padding: 20px 0 0 0; }\n  .item .who { font-size: 18px; margin: 0; }\n  .item .what { font-size: 14px; }\n  .below { color: #7a8498; font-size: 12px; line-height: 1.6; padding: 16px 12px 0 12px; text-align: center; }\n  .link { color: #2f4bc0; font-weight: 600; text-decoration: none; }\n  @media (max-width: 520px) {\n    .inside { padding: 22px 18px 20px 18px !important; }\n    .who { font-size: 20px !important; }\n    .outer { padding: 12px 8px 28px 8px !important; }\n  }\n  @media (prefers-color-scheme: dark) {\n    body, .page { background-color: #10141c !important; }\n    .hidden { color: #10141c !important; }\n    .card { background-color: #1a202c !important; border-color: #2c3545 !important; }\n    .text, .facts td, .ask td, .lead { color: #e4e8f0 !important; }\n    .who { color: #f7f9fc !important; }\n    .what, .small, .below, .facts td.name { color: #9aa5b8 !important; }\n    .facts, .facts td, .item { border-color: #2c3545 !important; }\n    .facts td.urgent { color: #ffb27a !important; }\n    .tag { background-color: #26335e !important; color: #b9c7ff !important; }\n    .ask { background-color: #20294a !important; border-color: #7c95ff !important; }\n    .ask .name, .link { color: #a9baff !important; }\n    .command { background-color: #262e3d !important; color: #dbe2ee !important; }\n  }\n</style>\n</head>\n<body>\n<span class=\"hidden\">\u9752\u8449\u5546\u4e8b\u69d8</span>\n<table role=\"presentation\" class=\"page\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"outer\" align=\"center\" style=\"padding: 28px 12px 40px 12px;\">\n<table role=\"presentation\" class=\"card\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"inside text\">\n<span class=\"tag\">\u6700\u77ed\u671f\u9650 1/29(\u91d1)</span>\n<p class=\"who\">\u5951\u7d04\u66f4\u65b0 2\u4ef6</p>\n<p class=\"lead\">\u5343\u4f73 \u7530\u4e2d\u3055\u3093</p>\n<p class=\"lead next\">\u78ba\u8a8d\u3092\u304a\u9858\u3044\u3057\u305f\u3044\u5951\u7d04\u3067\u3059\u3002\u6025\u304e\u3067\u91d1\u984d\u306e\u5927\u304d\u3044\u9806\u306b\u4e26\u3079\u3066\u3044\u307e\u3059\u3002</p>\n<div class=\"item\">\n<p class=\"who\">\u9752\u8449\u5546\u4e8b\u69d8</p>\n<p class=\"what\">\u5951\u7d04\u66f4\u65b03\u304b\u6708\u524d\uff5cPro\u30fb\u00a53,600,000/\u5e74</p>\n<table role=\"presentation\" class=\"facts\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"name\">\u89e3\u7d04\u901a\u77e5\u671f\u9650</td><td class=urgent>1/31(\u65e5)\uff1a\u5b9f\u8cea 1/29(\u91d1)</td></tr>\n\n<tr><td class=\"name\">\u6e80\u4e86</td><td>2027/3/31(\u6c34)\u30fb\u3042\u306886\u65e5</td></tr>\n\n<tr><td class=\"name\">\u66f4\u65b0</td><td>\u81ea\u52d5\u66f4\u65b0\u3042\u308a</td></tr>\n\n<tr><td class=\"name\">\u30d8\u30eb\u30b9</td><td>\u672a\u8a55\u4fa1</td></tr>\n\n</table><table role=\"presentation\" class=\"ask\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr><td><span class=\"name\">\u304a\u9858\u3044</span>\u7d99\u7d9a\u306e\u3054\u610f\u5411\u3068\u3001\u5148\u65b9\u306e\u4e88\u7b97\u30fb\u7a1f\u8b70\u306e\u6642\u671f\u3092\u3054\u78ba\u8a8d\u304f\u3060\u3055\u3044\u3002</td></tr></table>\n\n<p class=\"small\">\u6e80\u4e863\u304b\u6708\u524d<br>\n<span class=\"command\">renewals answer C-1 call renew</span></p>\n<p class=\"what\">\u89e3\u7d04\u901a\u77e5\u671f\u965030\u65e5\u524d\uff5cPro\u30fb\u00a53,600,000/\u5e74</p>\n<table role=\"presentation\" class=\"facts\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"name\">\u89e3\u7d04\u901a\u77e5\u671f\u9650</td><td class=urgent>1/31(\u65e5)\uff1a\u5b9f\u8cea 1/29(\u91d1)</td></tr>\n\n<tr><td class=\"name\">\u6e80\u4e86</td><td>2027/3/31(\u6c34)\u30fb\u3042\u306886\u65e5</td></tr>\n\n<tr><td class=\"name\">\u66f4\u65b0</td><td>\u81ea\u52d5\u66f4\u65b0\u3042\u308a</td></tr>\n\n<tr><td class=\"name\">\u30d8\u30eb\u30b9</td><td>\u672a\u8a55\u4fa1</td></tr>\n\n</table><table role=\"presentation\" class=\"ask\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr><td><span class=\"name\">\u304a\u9858\u3044</span>\u89e3\u7d04\u3084\u6761\u4ef6\u5909\u66f4\u306e\u3054\u5e0c\u671b\u304c\u306a\u3044\u304b\u3001\u671f\u9650\u307e\u3067\u306b\u5148\u65b9\u3078\u3054\u78ba\u8a8d\u304f\u3060\u3055\u3044\u3002</td></tr></table>\n\n<p class=\"small\">\u89e3\u7d04\u901a\u77e5\u671f\u965030\u65e5\u524d<br>\n<span class=\"command\">renewals answer C-1 call renew</span></p>\n</div>\n</td></tr>\n</table>\n<div class=\"below text\">\u56de\u7b54\u3092\u3044\u305f\u3060\u304f\u307e\u3067\u3001\u671f\u9650\u306b\u5408\u308f\u305b\u3066\u304a\u77e5\u3089\u305b\u3057\u307e\u3059\u3002</div>\n</td></tr>\n</table>\n</body>\n</html>"}');
INSERT INTO "messages" VALUES(2,'1f57dc55-525a-5176-ae24-39db95fd9f50','nudges','person:1',1,'preview','ann@example.com','en','2027-01-04',NULL,'sent','','2027-01-04 12:00:00.000000','2027-01-04 12:00:00.000000','vm:9445',NULL,1,1,0,'2027-01-04 12:00:00.000000','2027-01-04 12:00:00.000000','preview','[Action needed] Beta Ltd: 3 months before renewal (deadline 1 Mar)','{"text": "Hello Ann Ito,\n\nThe contract ends in 86 days. It is time to start talking about the renewal.\n\n3 months before renewal | Beta Ltd | Pro, \u00a312,000.00/year\nEnds Wed 31 Mar 2027, in 86 days | No automatic renewal\nDecision deadline Mon 1 Mar\nHealth: Not assessed\n\nTo do: Confirm that they want to continue, and when their budget and approval will be settled.\n\nAnswer: renewals answer C-2 call renew\n\n--\n3 months before the end\n", "html": "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"supported-color-schemes\" content=\"light dark\">\n<title>Beta Ltd: 3 months before renewal</title>\n<style>\n  body { margin: 0; padding: 0; background-color: #eef1f6; }\n  .page { background-color: #eef1f6; width: 100%; }\n  .text { font-family: -apple-system, BlinkMacSystemFont, \"Segoe UI\", \"Hiragino Sans\", \"Noto Sans JP\", \"Noto Sans CJK JP\", Meiryo, Roboto, Helvetica, Arial, sans-serif; color: #1c2434; font-size: 15px; line-height: 1.65; }\n  .hidden { display: none; max-height: 0; overflow: hidden; font-size: 1px; line-height: 1px; color: #eef1f6; }\n  .card { background-color: #ffffff; border: 1px solid #dde3ec; border-radius: 12px; width: 100%; max-width: 600px; }\n  .inside { padding: 26px 30px 24px 30px; }\n  .tag { display: inline-block; background-color: #e8edfd; color: #2f4bc0; border-radius: 999px; font-size: 12px; font-weight: 600; line-height: 1.5; padding: 3px 12px; }\n  .who { color: #111827; font-size: 23px; font-weight: 700; line-height: 1.35; margin: 12px 0 0 0; }\n  .what { color: #5a6478; font-size: 15px; margin: 2px 0 0 0; }\n  .lead { margin: 16px 0 0 0; }\n  .next { margin: 2px 0 0 0; }\n  .facts { border-top: 1px solid #e6eaf1; margin: 18px 0 0 0; width: 100%; }\n  .facts td { border-bottom: 1px solid #e6eaf1; padding: 9px 0; vertical-align: top; font-size: 15px; line-height: 1.5; }\n  .facts td.name { color: #6b7588; font-size: 13px; padding-right: 16px; padding-top: 10px; white-space: nowrap; width: 1%; }\n  .facts td.urgent { color: #a3400a; font-weight: 700; }\n  .ask { background-color: #f2f5fe; border-left: 4px solid #3b5bdb; border-radius: 0 8px 8px 0; margin: 20px 0 0 0; width: 100%; }\n  .ask td { padding: 13px 16px 14px 16px; font-size: 16px; line-height: 1.6; font-weight: 600; color: #1c2434; }\n  .ask .name { color: #2f4bc0; display: block; font-size: 12px; font-weight: 700; margin: 0 0 2px 0; }\n  .button { border-radius: 8px; background-color: #3b5bdb; }\n  .button a { color: #ffffff; display: inline-block; font-size: 15px; font-weight: 600; line-height: 1.2; padding: 12px 22px; text-decoration: none; }\n  .small { color: #6b7588; font-size: 13px; line-height: 1.6; margin: 16px 0 0 0; }\n  .command { background-color: #f3f5f9; border-radius: 5px; color: #2b3547; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 12.5px; padding: 2px 7px; }\n  .item { border-top: 1px solid #dde3ec; margin: 22px 0 0 0; padding: 20px 0 0 0; }\n  .item .who { font-size: 18px; margin: 0; }\n  .item .what { font-size: 14px; }\n  .below { color: #7a8498; font-size: 12px; line-height: 1.6; padding: 16px 12px 0 12px; text-align: center; }\n  .link { color: #2f4bc0; font-weight: 600; text-decoration: none; }\n  @media (max-width: 520px) {\n    .inside { padding: 22px 18px 20px 18px !important; }\n    .who { font-size: 20px !important; }\n    .outer { padding: 12px 8px 28px 8px !important; }\n  }\n  @media (prefers-color-scheme: dark) {\n    body, .page { background-color: #10141c !important; }\n    .hidden { color: #10141c !important; }\n    .card { background-color: #1a202c !important; border-color: #2c3545 !important; }\n    .text, .facts td, .ask td, .lead { color: #e4e8f0 !important; }\n    .who { color: #f7f9fc !important; }\n    .what, .small, .below, .facts td.name { color: #9aa5b8 !important; }\n    .facts, .facts td, .item { border-color: #2c3545 !important; }\n    .facts td.urgent { color: #ffb27a !important; }\n    .tag { background-color: #26335e !important; color: #b9c7ff !important; }\n    .ask { background-color: #20294a !important; border-color: #7c95ff !important; }\n    .ask .name, .link { color: #a9baff !important; }\n    .command { background-color: #262e3d !important; color: #dbe2ee !important; }\n  }\n</style>\n</head>\n<body>\n<span class=\"hidden\">Confirm that they want to continue, and when their budget and approval will be settled.</span>\n<table role=\"presentation\" class=\"page\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"outer\" align=\"center\" style=\"padding: 28px 12px 40px 12px;\">\n<table role=\"presentation\" class=\"card\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"inside text\">\n<span class=\"tag\">3 months before renewal</span>\n<p class=\"who\">Beta Ltd</p>\n<p class=\"what\">Pro, \u00a312,000.00/year</p>\n<p class=\"lead\">Hello Ann Ito,</p>\n<p class=\"lead next\">The contract ends in 86 days. It is time to start talking about the renewal.</p>\n<table role=\"presentation\" class=\"facts\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n<tr><td class=\"name\">Decision deadline</td><td class=urgent>Mon 1 Mar</td></tr>\n\n<tr><td class=\"name\">Ends</td><td>Wed 31 Mar 2027, in 86 days</td></tr>\n\n<tr><td class=\"name\">Renewal</td><td>No automatic renewal</td></tr>\n\n<tr><td class=\"name\">Health</td><td>Not assessed</td></tr>\n\n</table><table role=\"presentation\" class=\"ask\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr><td><span class=\"name\">To do</span>Confirm that they want to continue, and when their budget and approval will be settled.</td></tr></table>\n\n<p class=\"small\">Answer by command: <span class=\"command\">renewals answer C-2 call renew</span></p>\n</td></tr>\n</table>\n<div class=\"below text\">3 months before the end</div>\n</td></tr>\n</table>\n</body>\n</html>"}');
CREATE TABLE meta (
	"key" VARCHAR NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_meta PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('time_travel','2026-10-01T09:00:00+00:00');
INSERT INTO "meta" VALUES('last_sweep_at','2027-01-04T12:00:00+00:00');
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
	CONSTRAINT pk_nudges PRIMARY KEY (id), 
	CONSTRAINT uq_nudges_key UNIQUE ("key"), 
	CONSTRAINT ck_nudges_state CHECK (state IN ('waiting', 'sent', 'held', 'cancelled', 'dead', 'in_doubt')), 
	CONSTRAINT fk_nudges_deal_id_deals FOREIGN KEY(deal_id) REFERENCES deals (id), 
	CONSTRAINT fk_nudges_person_id_people FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT fk_nudges_message_id_messages FOREIGN KEY(message_id) REFERENCES messages (id)
);
INSERT INTO "nudges" VALUES(1,'19d66f4f-041d-5fc1-a4a6-e7015ac7c945',1,'renewal_3m','2027-03-31',0,'person:3',3,'owner','','sent','','2027-01-04 03:00:00.000000','2027-01-04 03:00:00.000000',1,'2027-01-04 03:00:00.000000');
INSERT INTO "nudges" VALUES(2,'cbcabde4-14c9-54d2-9c57-ebea2b99cf59',1,'decide_by_30d','2027-01-31',0,'person:3',3,'owner','','sent','','2027-01-04 03:00:00.000000','2027-01-04 03:00:00.000000',1,'2027-01-04 03:00:00.000000');
INSERT INTO "nudges" VALUES(3,'d95bf119-945f-505f-9418-dff4b3e6bd39',2,'renewal_3m','2027-03-31',0,'person:1',1,'owner','','sent','','2027-01-04 03:00:00.000000','2027-01-04 09:00:00.000000',2,'2027-01-04 12:00:00.000000');
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
	import_id INTEGER, 
	CONSTRAINT pk_people PRIMARY KEY (id), 
	CONSTRAINT uq_people_key UNIQUE ("key"), 
	CONSTRAINT fk_people_manager_id_people FOREIGN KEY(manager_id) REFERENCES people (id)
);
INSERT INTO "people" VALUES(1,'ann@example.com','Ann Ito','rep','ann@example.com',NULL,'Europe/London','weekdays','en',NULL,2,NULL,1,1);
INSERT INTO "people" VALUES(2,'bob@example.com','Bob Hill','manager','bob@example.com',NULL,'Europe/London','weekdays','en',NULL,NULL,NULL,1,1);
INSERT INTO "people" VALUES(3,'chika@example.jp','千佳 田中','rep','chika@example.jp',NULL,'Asia/Tokyo','weekdays','ja',NULL,2,NULL,1,1);
CREATE TABLE policy_versions (
	version INTEGER NOT NULL, 
	hash VARCHAR NOT NULL, 
	document JSON NOT NULL, 
	since JSON NOT NULL, 
	author VARCHAR NOT NULL, 
	note VARCHAR NOT NULL, 
	applied_at VARCHAR(26) NOT NULL, 
	CONSTRAINT pk_policy_versions PRIMARY KEY (version)
);
INSERT INTO "policy_versions" VALUES(1,'aca868f45f1001b7b6900322da58bb6d38a602ca11daf05bb66d80c8835bac64','{"policy": {"language": "ja", "zone": "Asia/Tokyo", "calendar": "jp", "hours": "09:00-18:00", "admins": ["email:renewals-admin@example.com"], "resend_after_move": 14, "email_unknown": "resend", "on_extension": "renewed", "base_currency": "JPY", "rates": {"USD": 150.0, "GBP": 190.0, "EUR": 160.0, "AUD": 100.0}, "calendars": {"jp": {"country": "JP", "closures": [{"days": "12-29..01-03", "label": "\u5e74\u672b\u5e74\u59cb\u4f11\u696d"}]}, "gb": {"country": "GB", "subdivision": "ENG"}, "us": {"country": "US"}, "au": {"country": "AU", "subdivision": "ACT"}, "weekdays": {}}, "pipelines": [{"id": "existing", "label": {"ja": "\u65e2\u5b58\u9867\u5ba2", "en": "Existing customers"}, "fallback": "email:renewals@example.com", "default_active": "stable", "onboarding_days": 0, "auto_renewal": "at_decide_by", "allow_skip": false, "allow_back": false, "stages": [{"id": "onboarding", "kind": "onboarding", "label": {"ja": "\u5c0e\u5165\u30b5\u30dd\u30fc\u30c8", "en": "Onboarding"}, "definition": {"ja": "\u5951\u7d04\u304c\u59cb\u307e\u308a\u3001\u304a\u5ba2\u69d8\u304c\u4f7f\u3044\u59cb\u3081\u308b\u6e96\u5099\u3092\u3057\u3066\u3044\u308b", "en": "The contract has begun and the customer is being set up"}}, {"id": "stable", "kind": "active", "health": "stable", "label": {"ja": "\u5b89\u5b9a\u7a3c\u50cd", "en": "Stable"}, "definition": {"ja": "\u304a\u5ba2\u69d8\u304c\u5b9a\u671f\u7684\u306b\u4f7f\u3044\u3001\u6210\u679c\u3092\u611f\u3058\u3066\u3044\u308b", "en": "The customer uses it regularly and sees results"}}, {"id": "at_risk", "kind": "active", "health": "at_risk", "label": {"ja": "\u8981\u6ce8\u610f", "en": "At risk"}, "definition": {"ja": "\u5229\u7528\u306e\u4f4e\u4e0b\u3084\u62c5\u5f53\u8005\u306e\u7570\u52d5\u306a\u3069\u3001\u6c17\u304c\u304b\u308a\u306a\u5146\u3057\u304c\u3042\u308b", "en": "Use is falling, a champion left, or there is another worrying sign"}}, {"id": "critical", "kind": "active", "health": "critical", "label": {"ja": "\u89e3\u7d04\u5371\u6a5f", "en": "Critical"}, "definition": {"ja": "\u304a\u5ba2\u69d8\u304c\u89e3\u7d04\u3092\u691c\u8a0e\u3057\u3066\u3044\u308b", "en": "The customer is considering leaving"}}, {"id": "renewal_3m", "kind": "renewal", "label": {"ja": "\u5951\u7d04\u66f4\u65b0(3\u304b\u6708\u524d)", "en": "Renewal (3 months)"}, "definition": {"ja": "\u304a\u5ba2\u69d8\u3068\u66f4\u65b0\u306b\u3064\u3044\u3066\u8a71\u3057\u59cb\u3081\u308b\u6642\u671f", "en": "Time to open the renewal with the customer"}}, {"id": "renewal_1m", "kind": "renewal", "label": {"ja": "\u5951\u7d04\u66f4\u65b0(1\u304b\u6708\u524d)", "en": "Renewal (1 month)"}, "definition": {"ja": "\u304a\u5ba2\u69d8\u306e\u6700\u7d42\u5224\u65ad\u3068\u624b\u7d9a\u304d\u306e\u6642\u671f", "en": "Time for the customer''s decision and paperwork"}}, {"id": "won", "kind": "won", "label": {"ja": "\u53d7\u6ce8", "en": "Won"}, "definition": {"ja": "\u5951\u7d04\u304c\u66f4\u65b0\u3055\u308c\u305f", "en": "The contract was renewed"}}, {"id": "lost", "kind": "lost", "label": {"ja": "\u5931\u6ce8", "en": "Lost"}, "definition": {"ja": "\u5951\u7d04\u304c\u66f4\u65b0\u3055\u308c\u306a\u304b\u3063\u305f", "en": "The contract was not renewed"}}], "lost_reasons": [{"id": "low_usage", "label": {"ja": "\u5229\u7528\u304c\u5b9a\u7740\u305b\u305a", "en": "Never took hold"}}, {"id": "product_gap", "label": {"ja": "\u6a5f\u80fd\u4e0d\u8db3", "en": "Missing features"}}, {"id": "value", "label": {"ja": "\u8cbb\u7528\u5bfe\u52b9\u679c\u30fb\u4fa1\u683c", "en": "Value for money"}}, {"id": "budget", "label": {"ja": "\u4e88\u7b97\u524a\u6e1b\u30fb\u7a1f\u8b70\u5426\u6c7a", "en": "Budget cut or not approved"}}, {"id": "competitor", "label": {"ja": "\u4ed6\u793e\u5207\u66ff", "en": "Went to a competitor"}}, {"id": "in_house", "label": {"ja": "\u5185\u88fd\u5316\u30fb\u7d71\u5408", "en": "Built in house or consolidated"}}, {"id": "champion_left", "label": {"ja": "\u63a8\u9032\u62c5\u5f53\u8005\u306e\u7570\u52d5\u30fb\u9000\u8077", "en": "Champion left"}}, {"id": "service", "label": {"ja": "\u969c\u5bb3\u30fb\u30b5\u30dd\u30fc\u30c8\u4e0d\u6e80", "en": "Outages or poor support"}}, {"id": "project_end", "label": {"ja": "\u4e8b\u696d\u7d42\u4e86", "en": "Project ended"}}, {"id": "closed_merged", "label": {"ja": "\u5ec3\u696d\u30fb\u5408\u4f75", "en": "Closed or merged"}}, {"id": "unpaid", "label": {"ja": "\u6599\u91d1\u672a\u6255\u3044", "en": "Unpaid"}}, {"id": "no_contact", "label": {"ja": "\u9023\u7d61\u4e0d\u901a", "en": "Out of contact"}}, {"id": "our_decision", "label": {"ja": "\u5f53\u793e\u90fd\u5408", "en": "Our decision"}}, {"id": "other", "label": {"ja": "\u305d\u306e\u4ed6", "en": "Other"}}]}, {"id": "new_business", "label": {"ja": "\u65b0\u898f\u5546\u8ac7", "en": "New business"}, "fallback": "email:renewals@example.com", "opens": "existing", "stages": [{"id": "qualified", "kind": "open", "label": {"ja": "\u5546\u8ac7\u306e\u898b\u6975\u3081", "en": "Qualified"}, "definition": {"ja": "\u304a\u5ba2\u69d8\u306b\u89e3\u6c7a\u3057\u305f\u3044\u8ab2\u984c\u304c\u3042\u308b", "en": "The customer has a problem worth solving"}}, {"id": "problem_agreed", "kind": "open", "label": {"ja": "\u8ab2\u984c\u306e\u8a8d\u8b58\u5408\u610f", "en": "Problem agreed"}, "definition": {"ja": "\u304a\u5ba2\u69d8\u3068\u8ab2\u984c\u306e\u8a8d\u8b58\u304c\u4e00\u81f4\u3057\u305f", "en": "The customer agrees on the problem"}}, {"id": "value_agreed", "kind": "open", "label": {"ja": "\u4fa1\u5024\u3078\u306e\u5408\u610f", "en": "Value agreed"}, "definition": {"ja": "\u89e3\u6c7a\u7b56\u306e\u4fa1\u5024\u306b\u304a\u5ba2\u69d8\u304c\u5408\u610f\u3057\u305f", "en": "The customer agrees on what it is worth"}}, {"id": "terms_agreed", "kind": "open", "label": {"ja": "\u6761\u4ef6\u3078\u306e\u540c\u610f", "en": "Terms agreed"}, "definition": {"ja": "\u4fa1\u683c\u3068\u6761\u4ef6\u306b\u304a\u5ba2\u69d8\u304c\u540c\u610f\u3057\u305f", "en": "The customer agrees on price and terms"}}, {"id": "approved", "kind": "open", "label": {"ja": "\u7a1f\u8b70\u627f\u8a8d", "en": "Approved"}, "definition": {"ja": "\u304a\u5ba2\u69d8\u306e\u793e\u5185\u627f\u8a8d\u304c\u4e0b\u308a\u305f", "en": "The customer''s own approval is through"}}, {"id": "won", "kind": "won", "label": {"ja": "\u53d7\u6ce8", "en": "Won"}, "definition": {"ja": "\u5951\u7d04\u3057\u305f", "en": "The contract is signed"}}, {"id": "lost", "kind": "lost", "label": {"ja": "\u5931\u6ce8", "en": "Lost"}, "definition": {"ja": "\u5951\u7d04\u306b\u81f3\u3089\u306a\u304b\u3063\u305f", "en": "It did not come to a contract"}}], "lost_reasons": [{"id": "no_need", "label": {"ja": "\u8ab2\u984c\u306a\u3057", "en": "No need"}}, {"id": "timing", "label": {"ja": "\u6642\u671f\u898b\u9001\u308a", "en": "Not now"}}, {"id": "no_decision", "label": {"ja": "\u691c\u8a0e\u4e2d\u6b62", "en": "No decision"}}, {"id": "value", "label": {"ja": "\u8cbb\u7528\u5bfe\u52b9\u679c\u30fb\u4fa1\u683c", "en": "Value for money"}}, {"id": "budget", "label": {"ja": "\u4e88\u7b97\u4e0d\u8db3", "en": "No budget"}}, {"id": "competitor", "label": {"ja": "\u4ed6\u793e\u6c7a\u5b9a", "en": "Chose a competitor"}}, {"id": "product_gap", "label": {"ja": "\u6a5f\u80fd\u4e0d\u8db3", "en": "Missing features"}}, {"id": "other", "label": {"ja": "\u305d\u306e\u4ed6", "en": "Other"}}]}], "milestones": [{"id": "renewal_3m", "pipeline": "existing", "label": {"ja": "\u5951\u7d04\u66f4\u65b03\u304b\u6708\u524d", "en": "3 months before renewal"}, "anchor": "ends_on", "offset": "-3 months", "shift": "earlier", "series": "renewal", "moves_to": "renewal_3m", "tell": ["owner"], "asks": true}, {"id": "renewal_1m", "pipeline": "existing", "label": {"ja": "\u5951\u7d04\u66f4\u65b01\u304b\u6708\u524d", "en": "1 month before renewal"}, "anchor": "ends_on", "offset": "-1 month", "shift": "earlier", "series": "renewal", "moves_to": "renewal_1m", "tell": ["owner"], "asks": true}, {"id": "decide_by_30d", "pipeline": "existing", "label": {"ja": "\u89e3\u7d04\u901a\u77e5\u671f\u965030\u65e5\u524d", "en": "30 days before the notice deadline"}, "anchor": "decide_by", "offset": "-30 days", "shift": "earlier", "series": "deadline", "tell": ["owner"], "asks": true}, {"id": "onboarding_30d", "pipeline": "existing", "label": {"ja": "\u5c0e\u516530\u65e5", "en": "30 days of onboarding"}, "anchor": "starts_on", "offset": "+30 days", "shift": "later", "series": "onboarding", "stages": ["onboarding"], "tell": ["owner"], "asks": true}, {"id": "onboarding_90d", "pipeline": "existing", "label": {"ja": "\u5c0e\u516590\u65e5", "en": "90 days of onboarding"}, "anchor": "starts_on", "offset": "+90 days", "shift": "later", "series": "onboarding", "stages": ["onboarding"], "tell": ["owner", "manager"], "asks": true}]}, "templates": {}}','{}','root','','2026-10-01 09:00:00.000000');
CREATE INDEX ix_policy_versions_hash ON policy_versions (hash);
CREATE INDEX ix_people_slack_id ON people (slack_id);
CREATE INDEX ix_people_manager_id ON people (manager_id);
CREATE INDEX ix_people_import_id ON people (import_id);
CREATE INDEX ix_people_email ON people (email);
CREATE INDEX ix_customers_import_id ON customers (import_id);
CREATE INDEX ix_contracts_ends_on ON contracts (ends_on);
CREATE INDEX ix_contracts_import_id ON contracts (import_id);
CREATE INDEX ix_contracts_number ON contracts (number);
CREATE INDEX ix_contracts_customer_id ON contracts (customer_id);
CREATE INDEX ix_contracts_predecessor_id ON contracts (predecessor_id);
CREATE INDEX ix_contracts_owner_id ON contracts (owner_id);
CREATE INDEX ix_messages_lease ON messages (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX ix_messages_queue ON messages (state, not_before_at);
CREATE INDEX ix_messages_person_id ON messages (person_id);
CREATE INDEX ix_import_changes_import_id ON import_changes (import_id);
CREATE INDEX ix_deals_wake_at ON deals (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX ix_deals_pipeline_stage ON deals (pipeline, stage);
CREATE INDEX ix_deals_import_id ON deals (import_id);
CREATE INDEX ix_deals_policy_version ON deals (policy_version);
CREATE INDEX ix_passages_deal_id ON passages (deal_id);
CREATE INDEX ix_passages_import_id ON passages (import_id);
CREATE UNIQUE INDEX uq_events_live ON events (deal_id, milestone, anchor_on, step) WHERE state <> 'withdrawn';
CREATE INDEX ix_nudges_message_id ON nudges (message_id);
CREATE INDEX ix_nudges_deal_id ON nudges (deal_id);
CREATE INDEX ix_nudges_waiting ON nudges (recipient, due_at) WHERE state = 'waiting' AND message_id IS NULL;
CREATE INDEX ix_nudges_person_id ON nudges (person_id);
CREATE INDEX ix_answers_deal_id ON answers (deal_id);
COMMIT;

CREATE TABLE version (
    name TEXT NOT NULL PRIMARY KEY,
    now TEXT NOT NULL,
    exported_at TEXT NOT NULL,
    n INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE articles (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    url TEXT NOT NULL,
    section TEXT NOT NULL,
    published_at TEXT,
    extra TEXT
);

CREATE TABLE reasons (
    number INTEGER PRIMARY KEY,
    reason TEXT NOT NULL,
    why TEXT NOT NULL,
    UNIQUE (reason, why)
);

CREATE TABLE blocks (
    number INTEGER PRIMARY KEY,
    block TEXT NOT NULL,
    heading TEXT NOT NULL,
    place INTEGER NOT NULL,
    UNIQUE (block, heading)
);

CREATE TABLE related_items (
    source INTEGER NOT NULL REFERENCES articles,
    rank INTEGER NOT NULL,
    article INTEGER NOT NULL REFERENCES articles,
    score REAL,
    reason INTEGER NOT NULL REFERENCES reasons,
    PRIMARY KEY (source, rank)
) WITHOUT ROWID;

CREATE TABLE page_items (
    source INTEGER NOT NULL REFERENCES articles,
    block INTEGER NOT NULL REFERENCES blocks,
    rank INTEGER NOT NULL,
    article INTEGER NOT NULL REFERENCES articles,
    score REAL,
    reason INTEGER NOT NULL REFERENCES reasons,
    PRIMARY KEY (source, block, rank)
) WITHOUT ROWID;

CREATE VIEW related AS
SELECT
    sources.id AS source,
    related_items.rank,
    articles.id,
    articles.title,
    articles.url,
    articles.section,
    articles.published_at,
    related_items.score,
    reasons.reason,
    reasons.why,
    articles.extra
FROM articles AS sources
JOIN related_items ON related_items.source = sources.number
JOIN articles ON articles.number = related_items.article
JOIN reasons ON reasons.number = related_items.reason;

CREATE VIEW pages AS
SELECT
    sources.id AS source,
    blocks.place,
    blocks.block,
    blocks.heading,
    page_items.rank,
    articles.id,
    articles.title,
    articles.url,
    articles.section,
    articles.published_at,
    page_items.score,
    reasons.reason,
    reasons.why,
    articles.extra
FROM articles AS sources
JOIN page_items ON page_items.source = sources.number
JOIN blocks ON blocks.number = page_items.block
JOIN articles ON articles.number = page_items.article
JOIN reasons ON reasons.number = page_items.reason;

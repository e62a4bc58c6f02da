/* Very many packages at once, made of the releases that a store has: {packages} ids, each with 1 to {releases} releases, and a few
   names that are long or written from right to left. */
BEGIN IMMEDIATE;
CREATE TEMP TABLE model AS SELECT row_number() OVER (ORDER BY sequence) - 1 AS place, * FROM releases;
CREATE TEMP TABLE word AS
    SELECT CAST(key AS INTEGER) AS place, value AS name
    FROM json_each('["Radio", "Maps", "Climate", "Charging", "Weather", "Browser", "Mirror", "Camera", "Player", "Dialer"]');

WITH RECURSIVE
    number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < {packages}),
    version(v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM version WHERE v + 1 < {releases})
INSERT INTO releases (
    id, version, architecture, deployment_architecture, tags, conflicts, names, descriptions, categories, format_version,
    digest, digest_fit, developer_subject, developer_serial, developer_not_before, developer_not_after, developer_fingerprint,
    has_store_signature, package_blob, package_size_bytes, icon_blob, icon_size_bytes, icon_media_type, uploaded_at, uploaded_by, link
)
SELECT
    printf('org.crowd.v%03d.p%06d', n % 997, n),
    printf('%d.%d', v + 1, n % 10),
    architecture,
    deployment_architecture,
    CASE n % 4 WHEN 0 THEN '' ELSE printf('group%03d', n % 500) END,
    '',
    CASE n % 1000
        WHEN 1 THEN json_object('en', replace(hex(zeroblob(15)), '00', name || ' with a long name '))
        WHEN 2 THEN json_object('ar', printf('الملاحة %d', n), 'he', printf('ניווט %d', n))
        ELSE json_object('en', printf('%s %06d', name, n), 'de', printf('%s (deutsch) %06d', name, n))
    END,
    descriptions,
    json_array(printf('section%02d', n % 50)),
    format_version,
    digest,
    digest_fit,
    developer_subject,
    developer_serial,
    developer_not_before,
    developer_not_after,
    developer_fingerprint,
    has_store_signature,
    package_blob,
    package_size_bytes,
    iif(n % 3, NULL, icon_blob),
    iif(n % 3, NULL, icon_size_bytes),
    iif(n % 3, NULL, icon_media_type),
    uploaded_at - (n * 7919 % {packages}) * 600,
    uploaded_by,
    'pending'
FROM number
JOIN version ON v <= n % {releases}
JOIN word ON word.place = n % 10
JOIN model ON model.place = n % (SELECT count(*) FROM model);

INSERT INTO documents (sequence, manifest, extra, extra_signed)
SELECT releases.sequence, manifest, extra, extra_signed
FROM releases, documents
WHERE releases.sequence NOT IN (SELECT sequence FROM model)
    AND documents.sequence = (SELECT min(sequence) FROM model);

UPDATE store SET generation = generation + 1;
COMMIT;

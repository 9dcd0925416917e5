"""The statements by which `layers.duties.columns` lets the duties follow the columns, set by set.

`_touched` has the duties whose column changed, `_wanted` whom the columns name there.
"""

import sqlalchemy as sa

# A name that has or had the same duty means the same person.
KNOWN_BY_DUTY = sa.text("""
UPDATE _wanted w SET person = k.person
FROM (
  SELECT d.feature, d.role, p.name, min(p.id) AS person
  FROM duties d JOIN persons p ON p.id = d.person_id
  WHERE d.layer = :layer AND d.feature IN (SELECT feature FROM _wanted)
  GROUP BY 1, 2, 3 HAVING count(DISTINCT p.id) = 1
) k
WHERE w.feature = k.feature AND w.role = k.role AND w.name = k.name
""")
# Only who is known where the actor reaches, or by an account of the whole ward, which lies above.
KNOW = sa.text("""
CREATE TEMPORARY TABLE _known ON COMMIT DROP AS
SELECT n.divisor, n.ward, n.name, array_agg(DISTINCT p.id ORDER BY p.id) AS ids
FROM (SELECT DISTINCT divisor, place / divisor AS ward, name FROM _wanted WHERE person IS NULL) n
JOIN persons p ON p.name = n.name
JOIN (SELECT person_id, place, false AS has_account FROM duties
      UNION SELECT person_id, division::bigint, true FROM accounts) s
  ON s.person_id = p.id AND s.place / n.divisor = n.ward
  AND (s.place BETWEEN :low AND :high OR (s.has_account AND s.place % n.divisor = 0))
GROUP BY 1, 2, 3
""")
SEVERAL = sa.text("""
SELECT w.feature, w.role, w.name, k.ids
FROM _wanted w
JOIN _known k ON w.divisor = k.divisor AND w.place / w.divisor = k.ward AND w.name = k.name
WHERE w.person IS NULL AND cardinality(k.ids) > 1
ORDER BY w.feature, w.role, w.rank
""")
LEAVE_TOUCHED = sa.text("""
DELETE FROM _touched t USING unnest(CAST(:features AS bigint[]), CAST(:roles AS text[])) l (f, r)
WHERE t.feature = l.f AND t.role = l.r
""")
LEAVE_WANTED = sa.text("""
DELETE FROM _wanted w USING unnest(CAST(:features AS bigint[]), CAST(:roles AS text[])) l (f, r)
WHERE w.feature = l.f AND w.role = l.r
""")
KNOWN_BY_PLACE = sa.text("""
UPDATE _wanted w SET person = k.ids[1]
FROM _known k
WHERE w.person IS NULL
  AND w.divisor = k.divisor AND w.place / w.divisor = k.ward AND w.name = k.name
""")
NUMBER = sa.text("""
WITH fresh AS MATERIALIZED (
  SELECT divisor, ward, name, nextval(pg_get_serial_sequence('persons', 'id')) AS person
  FROM (SELECT DISTINCT divisor, place / divisor AS ward, name
        FROM _wanted WHERE person IS NULL ORDER BY name) n
)
UPDATE _wanted w SET person = f.person
FROM fresh f
WHERE w.person IS NULL
  AND w.divisor = f.divisor AND w.place / w.divisor = f.ward AND w.name = f.name
""")
ADD_PERSONS = sa.text("""
INSERT INTO persons (id, name)
SELECT DISTINCT w.person, w.name FROM _wanted w
WHERE NOT EXISTS (SELECT FROM persons p WHERE p.id = w.person)
""")
VACATED = sa.text("""
SELECT d.feature, d.role, p.name
FROM duties d
JOIN _touched t ON t.feature = d.feature AND t.role = d.role
JOIN persons p ON p.id = d.person_id
WHERE d.layer = :layer AND d.valid_from <= :day AND (d.valid_to IS NULL OR d.valid_to > :day)
  AND d.role = ANY (:never_vacant)
  AND NOT EXISTS (SELECT FROM _wanted w WHERE w.feature = d.feature AND w.role = d.role)
ORDER BY d.feature
""")
# Whoever had the duty for no whole day has not had it.
WITHDRAW = sa.text("""
DELETE FROM duties d USING _touched t
WHERE t.feature = d.feature AND t.role = d.role AND d.layer = :layer AND d.valid_from = :day
  AND NOT EXISTS (SELECT FROM _wanted w WHERE w.feature = d.feature AND w.role = d.role
                  AND w.person = d.person_id)
""")
END = sa.text("""
UPDATE duties d SET valid_to = :day, ended_reason = :reason
FROM _touched t
WHERE t.feature = d.feature AND t.role = d.role AND d.layer = :layer
  AND d.valid_from < :day AND (d.valid_to IS NULL OR d.valid_to > :day)
  AND NOT EXISTS (SELECT FROM _wanted w WHERE w.feature = d.feature AND w.role = d.role
                  AND w.person = d.person_id)
""")
# What is planned for later stays, and limits what begins now.
REOPEN = sa.text("""
UPDATE duties d
SET ended_reason = NULL, valid_to = (
  SELECT min(l.valid_from) FROM duties l
  WHERE l.layer = :layer AND l.feature = d.feature AND l.role = d.role AND l.valid_from > :day
    AND (l.person_id = d.person_id OR l.role = ANY (:exclusive)))
FROM _wanted w
WHERE w.feature = d.feature AND w.role = d.role AND w.person = d.person_id
  AND d.layer = :layer AND d.valid_to = :day
  AND NOT EXISTS (SELECT FROM duties l
                  WHERE l.layer = :layer AND l.feature = d.feature AND l.role = d.role
                    AND l.person_id = d.person_id AND l.valid_from = :day)
""")
BEGIN = sa.text("""
INSERT INTO duties (person_id, role, layer, feature, place, valid_from, valid_to)
SELECT w.person, w.role, :layer, w.feature, w.place, :day, (
  SELECT min(l.valid_from) FROM duties l
  WHERE l.layer = :layer AND l.feature = w.feature AND l.role = w.role AND l.valid_from > :day
    AND (l.person_id = w.person OR l.role = ANY (:exclusive)))
FROM _wanted w
WHERE NOT EXISTS (SELECT FROM duties d
                  WHERE d.layer = :layer AND d.feature = w.feature AND d.role = w.role
                    AND d.person_id = w.person
                    AND d.valid_from <= :day AND (d.valid_to IS NULL OR d.valid_to > :day))
ORDER BY w.feature, w.role, w.rank
""")

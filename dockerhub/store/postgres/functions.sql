-- SQLite's functions, as far as the store's statements use them and PostgreSQL has others.
-- They stand in our schema, which is looked through first.

-- Of several values: NULL if one of them is. PostgreSQL's GREATEST passes NULL over.
CREATE OR REPLACE FUNCTION max(a bigint, b bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN GREATEST(a, b) END';
CREATE OR REPLACE FUNCTION min(a bigint, b bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN LEAST(a, b) END';
CREATE OR REPLACE FUNCTION max(a integer, b integer) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN GREATEST(a, b) END';
CREATE OR REPLACE FUNCTION min(a integer, b integer) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN LEAST(a, b) END';
CREATE OR REPLACE FUNCTION max(a double precision, b double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN GREATEST(a, b) END';
CREATE OR REPLACE FUNCTION min(a double precision, b double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN LEAST(a, b) END';
CREATE OR REPLACE FUNCTION max(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN GREATEST(a COLLATE "C", b) END';
CREATE OR REPLACE FUNCTION min(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN LEAST(a COLLATE "C", b) END';

-- Sums of whole numbers are whole numbers; those of comparisons count what is so.
CREATE OR REPLACE FUNCTION add_one(total bigint, one boolean) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN one IS NULL THEN total ELSE COALESCE(total, 0) + one::int END';
CREATE OR REPLACE AGGREGATE sum(bigint) (
    SFUNC = int8pl, STYPE = bigint, COMBINEFUNC = int8pl, PARALLEL = SAFE
);
CREATE OR REPLACE AGGREGATE sum(boolean) (SFUNC = add_one, STYPE = bigint);
CREATE OR REPLACE FUNCTION more_of(most bigint, one boolean) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN one IS NULL THEN most ELSE GREATEST(COALESCE(most, 0), one::int) END';
CREATE OR REPLACE FUNCTION less_of(fewest bigint, one boolean) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN one IS NULL THEN fewest ELSE LEAST(COALESCE(fewest, 1), one::int) END';
CREATE OR REPLACE AGGREGATE max(boolean) (SFUNC = more_of, STYPE = bigint);
CREATE OR REPLACE AGGREGATE min(boolean) (SFUNC = less_of, STYPE = bigint);
CREATE OR REPLACE FUNCTION longer(a bytea, b bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT CASE WHEN a >= b THEN a ELSE b END';
CREATE OR REPLACE FUNCTION shorter(a bytea, b bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT CASE WHEN a <= b THEN a ELSE b END';
CREATE OR REPLACE AGGREGATE max(bytea) (SFUNC = longer, STYPE = bytea);
CREATE OR REPLACE AGGREGATE min(bytea) (SFUNC = shorter, STYPE = bytea);

CREATE OR REPLACE FUNCTION round(value double precision, places integer) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS 'SELECT pg_catalog.round(value::numeric, places)::double precision';
CREATE OR REPLACE FUNCTION hex(value bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS 'SELECT upper(encode(value, ''hex''))';
CREATE OR REPLACE FUNCTION zeroblob(size bigint) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS 'SELECT decode(repeat(''00'', GREATEST(size, 0)::int), ''hex'')';
CREATE OR REPLACE FUNCTION instr(value text, part text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT strpos(value, part)::bigint';
CREATE OR REPLACE FUNCTION julianday(moment text) RETURNS double precision
LANGUAGE sql STABLE STRICT PARALLEL SAFE
AS 'SELECT extract(epoch FROM moment::timestamptz)::double precision / 86400 + 2440587.5';


-- Moments: seconds since 1970-01-01 UTC, in the forms that the store writes. An index may be on
-- them, so they depend on nothing that a session can set.
CREATE OR REPLACE FUNCTION strftime(form text, seconds bigint, unit text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT to_char(
        timestamp '1970-01-01' + seconds * interval '1 second',
        CASE form
            WHEN '%Y-%m-%dT%H:%M:%S' THEN 'YYYY-MM-DD"T"HH24:MI:SS'
            WHEN '%Y-%m-%d' THEN 'YYYY-MM-DD'
            WHEN '%Y-%m' THEN 'YYYY-MM'
        END
    )
$$;
CREATE OR REPLACE FUNCTION date(seconds bigint, unit text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT to_char(timestamp '1970-01-01' + seconds * interval '1 second', 'YYYY-MM-DD') $$;
CREATE OR REPLACE FUNCTION strftime(form text, moment text) RETURNS bigint
LANGUAGE sql STABLE STRICT PARALLEL SAFE
AS $$ SELECT CASE WHEN form = '%s' THEN floor(extract(epoch FROM moment::timestamptz))::bigint END $$;
CREATE OR REPLACE FUNCTION printf(form text, number bigint) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT replace(form, '%06d', lpad(number::text, 6, '0')) $$;

-- `*`, `?` and `[...]`, as SQLite and shells have them.
CREATE OR REPLACE FUNCTION is_like_glob(value text, pattern text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT value ~ (
        '^(?:' || replace(replace(
            regexp_replace(pattern, '([.^$+{}()|\\])(?![^\[]*\])', '\\\1', 'g'), '*', '.*'
        ), '?', '.') || ')$'
    )
$$;
DO $$
BEGIN
    CREATE OPERATOR dockerhub.~*~ (FUNCTION = is_like_glob, LEFTARG = text, RIGHTARG = text);
EXCEPTION WHEN duplicate_function THEN NULL;
END
$$;

CREATE OR REPLACE FUNCTION join_next(told text, value text, mark text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN value IS NULL THEN told WHEN told IS NULL THEN value ELSE told || mark || value END';
CREATE OR REPLACE AGGREGATE group_concat(text, text) (SFUNC = join_next, STYPE = text);

-- JSON lists and objects of texts and numbers; a value comes as text.
CREATE OR REPLACE FUNCTION json_each(list text) RETURNS TABLE (key bigint, value text)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT place - 1, said FROM jsonb_array_elements_text(list::jsonb) WITH ORDINALITY AS e (said, place)
$$;
CREATE OR REPLACE FUNCTION json_extract(object text, path text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT jsonb_path_query_first(object::jsonb, path::jsonpath) #>> '{}' $$;
CREATE OR REPLACE FUNCTION json_array(a text, b bigint, c text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT jsonb_build_array(a, b, c)';
CREATE OR REPLACE FUNCTION json_array(a bigint, b bigint, c bigint) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT jsonb_build_array(a, b, c)';
CREATE OR REPLACE FUNCTION json_item(list text, place integer) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT list::jsonb ->> place';
CREATE OR REPLACE FUNCTION json_all(list bigint[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT COALESCE(to_jsonb(list), ''[]'')::text';
CREATE OR REPLACE FUNCTION json_all(list jsonb[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT COALESCE(to_jsonb(list), ''[]'')::text';
CREATE OR REPLACE AGGREGATE json_group_array(bigint) (
    SFUNC = array_append, STYPE = bigint[], FINALFUNC = json_all
);
CREATE OR REPLACE AGGREGATE json_group_array(jsonb) (
    SFUNC = array_append, STYPE = jsonb[], FINALFUNC = json_all
);
DO $$
BEGIN
    CREATE OPERATOR dockerhub.->> (FUNCTION = json_item, LEFTARG = text, RIGHTARG = integer);
EXCEPTION WHEN duplicate_function THEN NULL;
END
$$;

-- Comparisons are 1 or 0, and are compared with that.
CREATE OR REPLACE FUNCTION is_same(a boolean, b integer) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT a::integer = b';
CREATE OR REPLACE FUNCTION is_other(a boolean, b integer) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT a::integer <> b';
DO $$
BEGIN
    CREATE OPERATOR dockerhub.= (FUNCTION = is_same, LEFTARG = boolean, RIGHTARG = integer);
    CREATE OPERATOR dockerhub.<> (FUNCTION = is_other, LEFTARG = boolean, RIGHTARG = integer);
EXCEPTION WHEN duplicate_function THEN NULL;
END
$$;

-- The part of a PostgreSQL database in which Cardfile keeps the contacts of a team.
--
-- Whoever administers the database runs this file once, in a database encoded in UTF-8, and
-- again when a version of Cardfile brings a newer one. It takes nothing away and can be run
-- twice. The program itself never makes or alters a table.
--
-- Everybody signs in with a login of their own, because what somebody sees depends on it:
--
--     CREATE ROLE ana LOGIN PASSWORD '...';
--     GRANT cardfile_user TO ana;
--     INSERT INTO cardfile.member (workspace, role) VALUES ('sales', 'ana');
--
-- Whoever leaves the team is taken out before the login is dropped:
--
--     DELETE FROM cardfile.member WHERE role = 'ana';
--
-- After the database was restored from a backup, or copied, this is run before anybody
-- connects. Else changes that were made after the backup are passed over in silence:
--
--     SELECT cardfile.restored();

BEGIN;

CREATE SCHEMA IF NOT EXISTS cardfile;

CREATE TABLE IF NOT EXISTS cardfile.schema_version (
    -- There is one row.
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    version integer NOT NULL,
    -- Tells this database from any other, and from what it was before it was restored.
    store text NOT NULL DEFAULT gen_random_uuid()::text
);

DO $$
BEGIN
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'this database is not encoded in UTF-8, so it cannot hold every name';
    END IF;
    -- This file would take the rules of the newer one back.
    IF EXISTS (SELECT FROM cardfile.schema_version WHERE version > 1) THEN
        RAISE EXCEPTION 'the Cardfile schema of this database is newer than this file';
    END IF;
END $$;

INSERT INTO cardfile.schema_version (version) VALUES (1)
    ON CONFLICT (single) DO UPDATE SET version = excluded.version;

-- What all members may do is granted to this role, and this role to each of them. Roles
-- belong to the whole server, so another database may have made it already.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'cardfile_user') THEN
        CREATE ROLE cardfile_user NOLOGIN;
    END IF;
END $$;

-- Who works in which workspace.
CREATE TABLE IF NOT EXISTS cardfile.member (
    workspace text NOT NULL CHECK (workspace <> ''),
    role name NOT NULL,
    PRIMARY KEY (workspace, role)
);

-- Contacts as the members write them.
CREATE TABLE IF NOT EXISTS cardfile.contact (
    workspace text NOT NULL,
    -- The ID that whoever made the contact gave it. It never changes.
    external_id text NOT NULL CHECK (external_id <> ''),
    -- Values by unit, in the form in which Cardfile compares them.
    units jsonb NOT NULL CHECK (jsonb_typeof(units) = 'object'),
    -- By device: the number of its last write that the contact has seen.
    stamps jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(stamps) = 'object'),
    version bigint NOT NULL DEFAULT 1,
    -- Of a contact that was deleted only this row stays, empty, so that every device hears of
    -- it. What was in it is on the disk until the table is vacuumed, and in older backups.
    deleted_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (workspace, external_id),
    CONSTRAINT deleted_is_empty CHECK (deleted_at IS NULL OR units = '{}')
);

-- A remote that all members share, an address book or a CRM, is served by one device at a
-- time. Each new holder has a higher epoch.
CREATE TABLE IF NOT EXISTS cardfile.lease (
    workspace text NOT NULL,
    remote text NOT NULL,
    holder text NOT NULL,
    epoch bigint NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (workspace, remote)
);

-- What the device that serves such a remote knows of it, so that the next holder goes on
-- where it stopped. A part is a contact, or the cursor.
CREATE TABLE IF NOT EXISTS cardfile.bridge (
    workspace text NOT NULL,
    remote text NOT NULL,
    part text NOT NULL,
    epoch bigint NOT NULL,
    state jsonb NOT NULL,
    PRIMARY KEY (workspace, remote, part)
);

-- No client says itself which version it writes, or when.
CREATE OR REPLACE FUNCTION cardfile.moved() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op = 'INSERT' THEN
        new.version := 1;
    ELSE
        new.version := greatest(old.version, new.version) + 1;
    END IF;
    new.updated_at := clock_timestamp();
    RETURN new;
END $$;

CREATE OR REPLACE TRIGGER contact_moved BEFORE INSERT OR UPDATE ON cardfile.contact
    FOR EACH ROW EXECUTE FUNCTION cardfile.moved();

-- Only on one server -----------------------------------------------------------------------
--
-- A feed that is ordered by time, or by a number, can pass over a change: one that was made
-- first and is committed last. So each change has the number of its transaction, and readers
-- stop before the oldest transaction that is still open.
--
-- Where nodes do not share these numbers (CockroachDB, YugabyteDB, Citus) they say nothing,
-- and this part may be left out. Cardfile reads there by time, in windows that overlap, and
-- is faster with this index instead:
--
--     CREATE INDEX contact_time ON cardfile.contact (workspace, updated_at, external_id);

CREATE SEQUENCE IF NOT EXISTS cardfile.change_seq;

ALTER TABLE cardfile.contact
    ADD COLUMN IF NOT EXISTS change_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    ADD COLUMN IF NOT EXISTS change_seq bigint NOT NULL DEFAULT 0;

CREATE INDEX IF NOT EXISTS contact_order ON cardfile.contact (workspace, change_xid, change_seq);

CREATE OR REPLACE FUNCTION cardfile.moved_in_order() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    new.change_xid := pg_current_xact_id();
    new.change_seq := nextval('cardfile.change_seq');
    RETURN new;
END $$;

CREATE OR REPLACE TRIGGER contact_moved_in_order BEFORE INSERT OR UPDATE ON cardfile.contact
    FOR EACH ROW EXECUTE FUNCTION cardfile.moved_in_order();

-- Wakes up whoever listens. It says neither what changed nor where, because anybody may
-- listen; and it may be missed, so that everybody looks from time to time as well.
CREATE OR REPLACE FUNCTION cardfile.wake_up() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('cardfile', '');
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER contact_wakes_up AFTER INSERT OR UPDATE ON cardfile.contact
    FOR EACH STATEMENT EXECUTE FUNCTION cardfile.wake_up();

GRANT USAGE ON SEQUENCE cardfile.change_seq TO cardfile_user;

-- On every server --------------------------------------------------------------------------

-- The workspace, if whoever asks is a member of it. Else an error: a question that merely
-- found nothing would be taken for the answer that all contacts are gone.
CREATE OR REPLACE FUNCTION cardfile.let_in(the_workspace text) RETURNS text STABLE LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM cardfile.member WHERE workspace = the_workspace AND role = current_user) THEN
        RETURN the_workspace;
    END IF;
    RAISE EXCEPTION '% is not a member of the workspace %', current_user, the_workspace USING errcode = 'CF001';
END $$;

-- Which store this is. A copy on another server is another one, where the server says which
-- it is.
CREATE OR REPLACE FUNCTION cardfile.store() RETURNS text STABLE LANGUAGE plpgsql AS $$
DECLARE
    known text := (SELECT store FROM cardfile.schema_version);
BEGIN
    RETURN known || '/' || (SELECT system_identifier FROM pg_control_system());
EXCEPTION
    WHEN insufficient_privilege OR undefined_function OR feature_not_supported THEN RETURN known;
END $$;

-- Takes the lease of a remote for so many seconds, by the clock of the server. Gives its new
-- epoch, or null while somebody else holds it. Whoever takes their own lease again gets a new
-- epoch too, so that what an earlier run of theirs still sends is refused.
CREATE OR REPLACE FUNCTION cardfile.take_lease(the_workspace text, the_remote text, the_holder text, seconds integer)
    RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO cardfile.lease AS held (workspace, remote, holder, epoch, until)
    VALUES (cardfile.let_in(the_workspace), the_remote, the_holder, 1,
            clock_timestamp() + make_interval(secs => least(seconds, 3600)))
        ON CONFLICT (workspace, remote) DO UPDATE
       SET holder = excluded.holder, epoch = held.epoch + 1, until = excluded.until
     WHERE held.until <= clock_timestamp() OR held.holder = excluded.holder
    RETURNING epoch
$$;

-- Holds a lease for longer. False when it is somebody else's by now; one that ran out and
-- that nobody took goes on.
CREATE OR REPLACE FUNCTION cardfile.renew_lease(the_workspace text, the_remote text, the_epoch bigint, seconds integer)
    RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE cardfile.lease
       SET until = clock_timestamp() + make_interval(secs => least(seconds, 3600))
     WHERE workspace = cardfile.let_in(the_workspace) AND remote = the_remote AND epoch = the_epoch;
    RETURN found;
END $$;

-- Gives a lease back. The row stays, because epochs count on.
CREATE OR REPLACE FUNCTION cardfile.release_lease(the_workspace text, the_remote text, the_epoch bigint)
    RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE cardfile.lease
       SET until = clock_timestamp()
     WHERE workspace = cardfile.let_in(the_workspace) AND remote = the_remote AND epoch = the_epoch;
    RETURN found;
END $$;

-- Keeps what is known of a remote: parts by their names, null for one that is not known any
-- more. False, and nothing is kept, when the lease has another epoch. The lease cannot be
-- taken before what was kept is committed.
CREATE OR REPLACE FUNCTION cardfile.put_bridge(the_workspace text, the_remote text, the_epoch bigint, parts jsonb)
    RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM cardfile.lease
      WHERE workspace = cardfile.let_in(the_workspace) AND remote = the_remote AND epoch = the_epoch
        FOR SHARE;
    IF NOT found THEN
        RETURN false;
    END IF;
    DELETE FROM cardfile.bridge
     WHERE workspace = the_workspace AND remote = the_remote
       AND part IN (SELECT key FROM jsonb_each(parts) WHERE value = 'null');
    INSERT INTO cardfile.bridge (workspace, remote, part, epoch, state)
    SELECT the_workspace, the_remote, key, the_epoch, value FROM jsonb_each(parts) WHERE value <> 'null'
        ON CONFLICT (workspace, remote, part) DO UPDATE
       SET epoch = excluded.epoch, state = excluded.state;
    RETURN true;
END $$;

-- Makes the database another store, in which everything has moved and every lease is over.
-- Devices ask a person before they go on with it.
CREATE OR REPLACE FUNCTION cardfile.restored() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- This is about all workspaces, whoever is a member of which.
    ALTER TABLE cardfile.contact NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE cardfile.lease NO FORCE ROW LEVEL SECURITY;
    UPDATE cardfile.schema_version SET store = gen_random_uuid()::text;
    -- Versions and epochs given out after the backup are not given out again.
    UPDATE cardfile.contact SET version = version + 1000000;
    UPDATE cardfile.lease SET epoch = epoch + 1000000, until = clock_timestamp();
    ALTER TABLE cardfile.contact FORCE ROW LEVEL SECURITY;
    ALTER TABLE cardfile.lease FORCE ROW LEVEL SECURITY;
END $$;

-- Who may see what. Nobody can delete a contact, only mark it as deleted. Membership is for
-- the owner alone to change; everything else holds for the owner as well.

ALTER TABLE cardfile.member ENABLE ROW LEVEL SECURITY;
ALTER TABLE cardfile.contact ENABLE ROW LEVEL SECURITY;
ALTER TABLE cardfile.lease ENABLE ROW LEVEL SECURITY;
ALTER TABLE cardfile.bridge ENABLE ROW LEVEL SECURITY;
ALTER TABLE cardfile.contact FORCE ROW LEVEL SECURITY;
ALTER TABLE cardfile.lease FORCE ROW LEVEL SECURITY;
ALTER TABLE cardfile.bridge FORCE ROW LEVEL SECURITY;

DROP POLICY IF EXISTS own ON cardfile.member;
CREATE POLICY own ON cardfile.member FOR SELECT USING (role = current_user);

DROP POLICY IF EXISTS own_workspace ON cardfile.contact;
CREATE POLICY own_workspace ON cardfile.contact
    USING (workspace IN (SELECT member.workspace FROM cardfile.member WHERE member.role = current_user));

DROP POLICY IF EXISTS own_workspace ON cardfile.lease;
CREATE POLICY own_workspace ON cardfile.lease
    USING (workspace IN (SELECT member.workspace FROM cardfile.member WHERE member.role = current_user));

DROP POLICY IF EXISTS own_workspace ON cardfile.bridge;
CREATE POLICY own_workspace ON cardfile.bridge
    USING (workspace IN (SELECT member.workspace FROM cardfile.member WHERE member.role = current_user));

REVOKE ALL ON FUNCTION cardfile.restored() FROM PUBLIC;
GRANT USAGE ON SCHEMA cardfile TO cardfile_user;
GRANT SELECT ON cardfile.schema_version, cardfile.member TO cardfile_user;
GRANT SELECT,
      INSERT (workspace, external_id, units, stamps),
      UPDATE (units, stamps, deleted_at) ON cardfile.contact TO cardfile_user;
GRANT SELECT, INSERT, UPDATE ON cardfile.lease TO cardfile_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON cardfile.bridge TO cardfile_user;

COMMIT;

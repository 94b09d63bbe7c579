"""What a database holds of manifests, in the rows in which `Witness` says it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.truth import rows

if TYPE_CHECKING:
    from pathlib import Path

    from tests.real.witness import Rows


def _digest(column: str) -> str:
    return f"'sha256:' || lower(hex({column}))"


def _optional(column: str) -> str:
    return f"CASE WHEN {column} IS NOT NULL THEN {_digest(column)} END"


_PLATFORM = (
    "coalesce(p.os, ''), coalesce(p.architecture, ''), coalesce(p.variant, ''),"
    " coalesce(p.os_version, '')"
)


class Stored:
    """The rows of *database*, a SQLite file."""

    def __init__(self, database: Path) -> None:
        self.database = database

    def tags(self, repository: str) -> Rows:
        return self._rows(
            f"SELECT t.name, {_optional('t.registry_digest')}, t.registry_media_type FROM tag AS t"
            " INNER JOIN repository AS r ON r.id = t.repository_id"
            " WHERE r.namespace || '/' || r.name = ? AND t.gone_at IS NULL",
            repository,
        )

    def kinds(self) -> Rows:
        return self._rows(
            f"SELECT {_digest('digest')}, kind, media_type, size, {_optional('config_digest')}"
            " FROM manifest"
        )

    def layers(self) -> Rows:
        return self._rows(
            f"SELECT {_digest('m.digest')}, l.position, {_digest('y.digest')}, y.size"
            " FROM manifest_layer AS l INNER JOIN manifest AS m ON m.id = l.manifest_id"
            " INNER JOIN layer AS y ON y.id = l.layer_id WHERE m.kind = 'image'"
        )

    def layer_types(self) -> Rows:
        return self._rows(
            f"SELECT DISTINCT {_digest('m.digest')}, {_digest('y.digest')}, w.name"
            " FROM manifest_layer AS l INNER JOIN manifest AS m ON m.id = l.manifest_id"
            " INNER JOIN layer AS y ON y.id = l.layer_id"
            " LEFT JOIN media_type AS w ON w.id = l.media_type_id WHERE m.kind = 'image'"
        )

    def artifacts(self) -> Rows:
        """Return what is no image, what it is, and what it is about."""
        return self._rows(
            f"SELECT {_digest('digest')}, artifact_type, {_optional('subject_digest')}"
            " FROM manifest WHERE kind = 'artifact'"
        )

    def members(self) -> Rows:
        return self._rows(
            f"SELECT {_digest('m.digest')}, i.position, {_digest('i.digest')}, i.media_type,"
            f" i.size, {_PLATFORM}, i.kind, {_optional('i.subject_digest')}"
            " FROM index_member AS i INNER JOIN manifest AS m ON m.id = i.index_id"
            " LEFT JOIN platform AS p ON p.id = i.platform_id"
        )

    def annotations(self) -> Rows:
        return self._rows(
            f"SELECT {_digest('m.digest')}, a.member, a.name, a.value FROM annotation AS a"
            " INNER JOIN manifest AS m ON m.id = a.manifest_id WHERE m.kind = 'index'"
        )

    def images(self) -> Rows:
        found = self._rows(
            f"SELECT {_digest('c.digest')}, c.size, {_PLATFORM}, c.created_at, c.user,"
            " c.working_dir, c.stop_signal, c.entrypoint, c.cmd, c.env, c.exposed_ports,"
            " c.volumes, c.diff_ids"
            " FROM config AS c LEFT JOIN platform AS p ON p.id = c.platform_id"
        )
        return {
            (
                *known,
                _moment(created),
                user,
                folder,
                signal,
                *(_list(text) for text in (entrypoint, cmd, env)),
                tuple(sorted(ports.split("|"))) if ports else (),
                tuple(sorted(_list(volumes))),
                _digests(diff_ids),
            )
            for (
                *known,
                created,
                user,
                folder,
                signal,
                entrypoint,
                cmd,
                env,
                ports,
                volumes,
                diff_ids,
            ) in found
        }

    def labels(self) -> Rows:
        return self._rows(
            f"SELECT {_digest('c.digest')}, l.name, l.value FROM label AS l"
            " INNER JOIN config AS c ON c.id = l.config_id"
        )

    def steps(self) -> Rows:
        found = self._rows(
            f"SELECT {_digest('m.digest')}, s.position, i.text, s.layer_position, s.created_at"
            " FROM build_step AS s INNER JOIN manifest AS m ON m.id = s.manifest_id"
            " LEFT JOIN instruction AS i ON i.id = s.instruction_id"
        )
        return {(*known, _moment(created)) for *known, created in found}

    def statements(self) -> Rows:
        return self._rows(
            f"SELECT {_digest('m.digest')}, {_digest('a.digest')}, {_optional('a.subject_digest')},"
            " a.predicate_type, a.size"
            " FROM attestation AS a INNER JOIN manifest AS m ON m.id = a.manifest_id"
        )

    def builds(self) -> Rows:
        """Return what was read of every provenance."""
        return self._rows(
            "SELECT predicate_type, builder, build_type, source, revision, dockerfile"
            " FROM attestation WHERE package_count IS NULL"
        )

    def bases(self) -> Rows:
        """Return what every build was made of."""
        return self._rows(
            f"SELECT a.predicate_type, b.position, b.uri, b.name, {_optional('b.digest')}"
            " FROM attestation_base AS b INNER JOIN attestation AS a ON a.id = b.attestation_id"
        )

    def packages(self) -> Rows:
        """Return the packages of every SBOM, and how many it says it has."""
        return self._rows(
            "SELECT a.package_count, p.name, p.version, p.purl FROM attestation_package AS e"
            " INNER JOIN attestation AS a ON a.id = e.attestation_id"
            " INNER JOIN package AS p ON p.id = e.package_id"
        )

    def _rows(self, sql: str, *parameters: object) -> Rows:
        found = rows(self.database, sql, *parameters)
        assert len(set(found)) == len(found), "a row is there twice"
        return set(found)


def _moment(microseconds: int | None) -> str | None:
    """Return what is stored as `Witness` writes moments."""
    if microseconds is None:
        return None
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"


def _list(text: str | None) -> tuple[Any, ...]:
    return tuple(json.loads(text)) if text else ()


def _digests(joined: bytes | None) -> tuple[str, ...]:
    found = joined or b""
    return tuple(f"sha256:{found[at : at + 32].hex()}" for at in range(0, len(found), 32))

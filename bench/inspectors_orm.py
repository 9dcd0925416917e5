"""The peer of `bench.inspectors`: the same record through FastAPI and an ORM, as one writes it.

Run by it: python -m bench.inspectors_orm PORT URL. A session for each request in FastAPI's own
threads; the account by its token, the field by ST_Contains and its leader by relations, the site,
what was sent and a line of history as objects, one commit. No rights, no places, no digests.
"""

import hashlib
import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import uvicorn
from fastapi import FastAPI, Header, HTTPException
from geoalchemy2 import Geometry, WKTElement
from pydantic import BaseModel
from sqlalchemy import BigInteger, ForeignKey, LargeBinary, Text, create_engine, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

THREADS = 40  # FastAPI's own


class Base(DeclarativeBase):
    """The tables of the peer."""


class Account(Base):
    __tablename__ = "peer_accounts"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class Leader(Base):
    __tablename__ = "peer_leaders"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str]


class Field(Base):
    __tablename__ = "peer_fields"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    leader_id: Mapped[int] = mapped_column(ForeignKey("peer_leaders.id"))
    geom: Mapped[Any] = mapped_column(Geometry("POLYGON", srid=4326))
    leader: Mapped[Leader] = relationship()


class Site(Base):
    __tablename__ = "peer_sites"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True)
    matter: Mapped[str]
    note: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str]
    field_id: Mapped[int | None] = mapped_column(ForeignKey("peer_fields.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("peer_accounts.id"))
    captured_at: Mapped[datetime]
    due: Mapped[datetime]
    geom: Mapped[Any] = mapped_column(Geometry("POINT", srid=4326))
    field: Mapped[Field | None] = relationship()
    sent: Mapped["Sent"] = relationship(back_populates="site")
    history: Mapped[list["Line"]] = relationship(back_populates="site")


class Sent(Base):
    __tablename__ = "peer_sent"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("peer_sites.id"))
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    body: Mapped[Any] = mapped_column(JSONB)
    received_at: Mapped[datetime]
    site: Mapped[Site] = relationship(back_populates="sent")


class Line(Base):
    __tablename__ = "peer_history"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("peer_sites.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("peer_accounts.id"))
    at: Mapped[datetime]
    operation: Mapped[str]
    values: Mapped[Any] = mapped_column(JSONB)
    site: Mapped[Site] = relationship(back_populates="history")


class Body(BaseModel):
    """What a phone sends."""

    type: str
    geometry: dict[str, Any]
    properties: dict[str, Any]
    captured: dict[str, Any]
    photos: list[dict[str, Any]]


def application(url: str) -> FastAPI:
    engine = create_engine(url, pool_size=THREADS, max_overflow=0)
    app = FastAPI()

    def account(db: Session, authorization: str) -> Account:
        token = authorization.removeprefix("Bearer ")
        found = db.scalar(select(Account).where(Account.token == token))
        if found is None:
            raise HTTPException(401)
        return found

    @app.put("/collections/sites/items/{name}", status_code=201)
    def put(
        name: UUID,
        body: Body,
        authorization: Annotated[str, Header()],
    ) -> dict[str, Any]:
        # No dependency: two hundred that wait for a thread would hold all connections.
        with Session(engine) as db:
            return stored(db, name, body, account(db, authorization))

    def stored(db: Session, name: UUID, body: Body, actor: Account) -> dict[str, Any]:
        if db.scalar(select(Site).where(Site.uuid == name)) is not None:
            raise HTTPException(409)
        lon, lat = body.geometry["coordinates"]
        point = WKTElement(f"POINT({lon} {lat})", srid=4326)
        field = db.scalar(select(Field).where(func.ST_Contains(Field.geom, point)))
        site = Site(
            uuid=name,
            matter=body.properties["matter"],
            note=body.properties.get("note"),
            status="registered",
            field=field,
            account_id=actor.id,
            captured_at=datetime.fromisoformat(body.captured["at"]),
            due=datetime.now(UTC) + timedelta(days=3),
            geom=point,
        )
        plain = body.model_dump_json().encode()
        site.sent = Sent(
            sha256=hashlib.sha256(plain).digest(),
            body=body.model_dump(),
            received_at=datetime.now(UTC),
        )
        told = {"matter": site.matter, "note": site.note, "status": site.status}
        site.history.append(
            Line(account_id=actor.id, at=datetime.now(UTC), operation="insert", values=told)
        )
        db.add(site)
        db.commit()
        return {
            "uuid": str(site.uuid),
            "id": site.id,
            "field": field and {"code": field.code, "name": field.name},
            "leader": field and field.leader.name,
            "due": site.due.isoformat(),
        }

    return app


if __name__ == "__main__":
    config = uvicorn.Config(
        application(sys.argv[2]), host="127.0.0.1", port=int(sys.argv[1]), log_level="error"
    )
    uvicorn.Server(config).run()

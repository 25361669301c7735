"""Deleting an account with all that it owns."""

import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models import ActivityLog, Base, JobStats, Profile, Webhook, WebhookDelivery
from shared.services import services
from tests import factories
from tests.guessing import exhaust
from tests.harness import PASSWORD, Person, System, expect
from tests.registry import digits, register


def fill(system: System, person: Person, session: Session) -> None:
    crawl = factories.crawl_job(session, factories.project(session, person.id))
    factories.store_image(session, crawl)
    person.upload(crawl.project_id, b"this has not been ingested yet")
    person.post(f"/v1/crawl-jobs/{crawl.id}/export-jobs", {"name": "e", "format": "zip"}, 202)
    person.post("/v1/api-keys", {"name": "k"})
    body = {"url": "https://example.com/hook", "events": ["export_job.completed"]}
    webhook = person.post("/v1/webhooks", body)
    person.post(f"/v1/webhooks/{webhook['id']}/secret", status=200)
    system.drain()
    model = register(person, system)
    inputs = {"X": digits()[2][:100].tolist()}
    person.post(f"/v1/models/{model['id']}/predictions", {"inputs": inputs})
    kept = services().storage.list_names(f"predictions/{person.id}/")
    assert {name.rsplit("/", 1)[-1] for name in kept} == {"inputs.json", "outputs.json"}


def test_rows_and_objects_of_all_projects_go(
    system: System, person: Person, session: Session
) -> None:
    before = services().storage.list_names("")
    for _ in range(2):
        fill(system, person, session)
    other = system.person()
    factories.project(session, other.id)
    assert len(services().storage.list_names("")) > len(before)
    assert person.delete_account().status_code == 204
    system.drain()
    assert services().storage.list_names("") == before
    assert session.scalars(select(Profile.id)).all() == [other.id]
    for table in Base.metadata.sorted_tables:
        if "user_id" in table.c:
            owners = set(session.scalars(select(table.c.user_id).distinct()))
            assert owners <= {other.id, None}, table.name
    for gone in (JobStats, Webhook, WebhookDelivery):
        assert session.scalars(select(gone)).all() == []


def test_model_that_is_sent_after_its_owner_has_gone_is_removed(
    system: System, person: Person
) -> None:
    about = {"name": "late", "model_type": "onnx", "file_name": "late.onnx", "file_size": 4}
    model = person.post("/v1/models", about)
    person.delete_account()
    system.drain()
    sent = requests.put(model["upload_url"], data=b"late", headers=model["headers"], timeout=10)
    assert sent.status_code == 200
    system.uploaded(model["file_path"])
    system.drain()
    assert services().storage.list_names(f"models/{person.id}/") == []


def test_its_credentials_are_dead_and_its_address_is_free(system: System, person: Person) -> None:
    key = person.post("/v1/api-keys", {"name": "k"})["key"]
    assert person.delete_account().status_code == 204
    expect(person.request("GET", "/v1/me"), 401)
    expect(system.client.get("/v1/me", headers={"X-API-Key": key}), 401)
    credentials = {"email": person.email, "password": PASSWORD}
    expect(system.client.post("/v1/sessions", json=credentials), 401)
    expect(system.client.post("/v1/users", json=credentials), 201)


def test_whose_it_was_is_forgotten_before_its_rows_go(
    person: Person, session: Session, system: System
) -> None:
    person.request("PATCH", "/v1/me", {"full_name": "Ann Other"})
    person.delete_account()
    profile = session.scalars(select(Profile)).one()
    assert profile.deleted_at is not None
    assert person.email not in profile.email
    assert (profile.full_name, profile.hashed_password) == (None, None)
    refreshed = {"refresh_token": person.refresh_token}
    expect(system.client.post("/v1/sessions/refresh", json=refreshed), 401)


def test_what_was_done_is_kept_without_a_name(
    system: System, person: Person, session: Session
) -> None:
    person.post("/v1/projects", {"name": "p"})
    person.delete_account()
    system.drain()
    (entry,) = session.scalars(select(ActivityLog)).all()
    assert (entry.user_id, entry.action) == (None, "project.create")


def test_the_password_is_asked_for_again(person: Person) -> None:
    problem = expect(person.request("DELETE", "/v1/me"), 422)
    assert problem["errors"][0]["pointer"] == "/current_password"
    wrong = {"current_password": "not the password"}
    problem = expect(person.request("DELETE", "/v1/me", wrong), 422)
    assert problem["errors"] == [{"pointer": "/current_password", "detail": "is wrong"}]
    expect(person.request("DELETE", "/v1/me", {"password": PASSWORD}), 422)
    expect(person.request("DELETE", "/v1/me", data="{", content_type="application/json"), 400)
    expect(person.request("DELETE", "/v1/me", data="password=x"), 415)
    assert person.get("/v1/me")["email"] == person.email
    expect(person.delete_account(), 204)


def test_guessing_it_is_slowed_down(person: Person, session: Session) -> None:
    exhaust(session, f"password {person.id}")
    expect(person.delete_account(), 429)
    assert person.get("/v1/me")["email"] == person.email

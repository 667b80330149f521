"""Who has not the address reads and changes nothing, nor does another site's page that has."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.support.editing import editing, write_aligned
from tests.support.servers import serve_folder

CHANGE = {"kind": "not read", "first": "1.0", "last": "1.1", "version": 0}
CLIENT = httpx.Client(verify=False)
SECRETS = ("", "state", "audio", "sound?start=0&end=100")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write_aligned(tmp_path_factory.mktemp("trains"))


@pytest.fixture(scope="module")
def server(path):
    with CLIENT, editing(path) as server:
        yield server


@pytest.fixture
def corrections(path):
    file = path.with_name("trains.corrections.toml")
    file.unlink(missing_ok=True)
    return file


def origin_of(server):
    return f"http://127.0.0.1:{server.server_port}"


def post(server, name="change", body=CHANGE, *, address=None, **headers):
    own = {"Origin": origin_of(server), "Content-Type": "application/json"}
    sent = {name.replace("_", "-"): value for name, value in {**own, **headers}.items() if value is not None}
    return CLIENT.post(f"{address or server.url}{name}", content=json.dumps(body), headers=sent)


def test_whoever_has_the_address_reads_and_changes(server, corrections):
    assert "default-src 'none'" in CLIENT.get(server.url).text
    state = CLIENT.get(f"{server.url}state").json()
    assert "Trains" in "".join(state["parts"].values()) and state["undo"] == ""
    sound = CLIENT.get(f"{server.url}audio", headers={"Range": "bytes=0-3"})
    assert (sound.status_code, sound.content) == (206, b"RIFF")
    changed = post(server, body={**CHANGE, "version": state["version"]}).json()
    assert len(changed["parts"]) == 1 and changed["undo"] == "not read Night trains"
    assert 'kind = "not read"' in corrections.read_text(encoding="utf-8")
    assert post(server, "undo").json()["undo"] == ""
    assert "[[correction]]" not in corrections.read_text(encoding="utf-8")


def test_without_the_token_nothing_is_there(server, corrections):
    for token in (
        "",
        "state",
        "A" * 32,
        server.token[:-1],
        server.token.swapcase(),
        f"{server.token}%2F",
        "é",
    ):
        for name in SECRETS:
            assert CLIENT.get(f"{origin_of(server)}/{token}/{name}").status_code == 404
        assert post(server, address=f"{origin_of(server)}/{token}/").status_code == 404
    assert CLIENT.get(origin_of(server)).status_code == 404
    assert not corrections.exists()


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}"]
)
def test_a_name_that_leads_here_is_refused(server, corrections, host):
    """DNS rebinding: the page of a site whose name was made to mean this machine has our origin."""
    host = host.format(port=server.server_port)
    for name in SECRETS:
        assert CLIENT.get(f"{server.url}{name}", headers={"Host": host}).status_code == 421
    assert post(server, Host=host, Origin=f"http://{host}").status_code == 421
    assert not corrections.exists()


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_sites_requests_are_refused_even_with_the_token(server, corrections, site):
    for name in SECRETS[1:]:
        assert CLIENT.get(f"{server.url}{name}", headers={"Sec-Fetch-Site": site}).status_code == 403
    assert CLIENT.get(server.url, headers={"Sec-Fetch-Dest": "iframe"}).status_code == 403
    assert post(server, Sec_Fetch_Site=site).status_code == 403
    assert post(server, Origin="https://evil.example").status_code == 403
    assert post(server, Origin="null").status_code == 403
    assert post(server, Origin=None).status_code == 403
    assert post(server, Content_Type="text/plain").status_code == 403
    assert CLIENT.options(f"{server.url}change").status_code == 501
    assert not corrections.exists()


@pytest.mark.parametrize(
    "body",
    [
        [],
        "x",
        {},
        {**CHANGE, "kind": "no such"},
        {**CHANGE, "first": "99.0"},
        {**CHANGE, "first": "1.1", "last": "1.0"},
        {**CHANGE, "kind": "starts here", "start_ms": "1"},
        {**CHANGE, "kind": "starts here", "start_ms": -1},
        {**CHANGE, "kind": "starts here", "start_ms": True},
        {**CHANGE, "kind": "said instead", "text": " "},
        {**CHANGE, "kind": "wording", "text": 5},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(server, corrections, body):
    reply = post(server, body=body)
    assert reply.status_code == 400 and "error" in reply.json()
    assert not corrections.exists()


def test_what_is_too_large_is_not_read(server, corrections):
    assert post(server, body={"text": "a" * 100_001}).status_code == 413
    assert CLIENT.get(f"{server.url}sound?start=0&end=x").status_code == 400
    assert CLIENT.get(f"{server.url}elsewhere").status_code == 404
    assert post(server, "elsewhere").status_code == 404


def test_a_change_that_has_no_place_says_so(server, corrections):
    change = {**CHANGE, "kind": "read here", "start_ms": 100, "end_ms": 101}
    reply = post(server, body=change)
    assert reply.status_code == 409 and "too short" in reply.json()["error"]


EVIL = """<!doctype html><title>Evil</title><iframe></iframe><iframe name="none"></iframe>
<form method="post" target="none" enctype="text/plain">
<input name='{"kind":"not read","first":"1.0","last":"1.1","text":"' value='"}'></form>
<script>
async function attack(url) {
    const got = [];
    const take = (text) => got.push(text);
    const body = JSON.stringify({ kind: "not read", first: "1.0", last: "1.1" });
    const json = { "Content-Type": "application/json" };
    const post = { method: "POST", body };
    const asked = [["state"], [""], ["audio"], ["change", post], ["change", { ...post, headers: json }]];
    for (const [name, options] of asked) {
        await fetch(url + name, options).then((reply) => reply.text()).then(take, () => {});
    }
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
        const headers = { "Content-Type": type };
        await fetch(url + "change", { ...post, mode: "no-cors", headers }).catch(() => {});
        navigator.sendBeacon(url + "change", new Blob([body], { type }));
    }
    const form = document.querySelector("form");
    form.action = url + "change";
    form.submit();
    const frame = document.querySelector("iframe");
    const loaded = new Promise((done) => { frame.onload = done; });
    frame.src = url;
    await loaded;
    if (frame.contentDocument) take(frame.contentDocument.body.textContent);
    const audio = new Audio(url + "audio");
    await new Promise((done) => { audio.onerror = done; audio.oncanplay = () => done(take("heard")); });
    const script = document.createElement("script");
    script.src = url + "state";
    await new Promise((done) => { script.onerror = done; script.onload = () => done(take("ran"));
        document.body.append(script); });
    return got;
}
</script>"""


@pytest.mark.browser
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_another_page_of_the_browser_reads_and_changes_nothing(server, corrections, browser, tmp_path, host):
    """It knows the address, which is more than it could; it is of the same site, or of another one."""
    (tmp_path / "evil.html").write_text(EVIL, encoding="utf-8")
    with serve_folder(tmp_path) as site, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{site.url}/evil.html".replace("127.0.0.1", host))
        assert page.evaluate("url => attack(url)", server.url) == []
    assert not corrections.exists()

"""The console in Chromium: live log, buttons, keyboard, contrast, small screens, other sites.

`scripts/services --install` installs the browser. The tests are skipped without it.
"""

from __future__ import annotations

import shutil

import pytest

from tests.tokens import EmulatorAuth
from zendesk_orm import Ticket
from zendesk_orm.emulator import Emulator, Fault
from zendesk_orm.emulator.server.sockets import Server


requests = pytest.importorskip("requests")
selenium = pytest.importorskip("selenium", reason="needs selenium, of the extra `test`")

from selenium import webdriver  # noqa: E402 - skipped without selenium
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.select import Select  # noqa: E402
from selenium.webdriver.support.wait import WebDriverWait  # noqa: E402


CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
ATTACK = "<script>document.title = 'attacked'</script><img src=x onerror=\"document.title='!'\">"
PAGES = ("", "records", "records/support.Ticket", "records/support.Ticket/1", "requests")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
#: Returns the texts whose contrast with their background is too low (WCAG 2.2, 1.4.3).
CONTRAST = """
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const background = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const color = parse(getComputedStyle(e).backgroundColor);
    if (color.length < 4 || color[3] > 0) return color;
  }
  return [255, 255, 255];
};
const found = [];
for (const e of document.querySelectorAll("body *")) {
  const has = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  if (!has || !e.getClientRects().length || e.closest(".skip, .hidden")) continue;
  const pair = [luminance(parse(getComputedStyle(e).color)), luminance(background(e))];
  const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  if (ratio < 4.5) found.push(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`);
}
return found;
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not CHROMIUM or not DRIVER, reason="needs chromium and chromium-driver (Debian packages)"
    ),
]


@pytest.fixture(scope="module")
def chromium():
    """Return a headless Chromium."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in FLAGS:
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def server():
    """Return a served emulator with a ticket, a fault, and a logged request."""
    with Emulator() as emulator, emulator.serve(port=0) as served:
        emulator.make_ids(Ticket, 1, subject=ATTACK)
        emulator.faults.add(Fault("GET /api/v2/views*", status=503))
        served_emulator = Served(emulator, served.url)
        for path in ("users/me", "views", "nonsense"):
            served_emulator.request(path)
        yield served_emulator


class Served:
    """An emulator and its address."""

    def __init__(self, emulator, url):
        self.emulator, self.url = emulator, url

    def request(self, path):
        """Send a request to the API."""
        auth = EmulatorAuth(self.emulator, self.url)
        return requests.get(f"{self.url}/api/v2/{path}", auth=auth, timeout=9)


def address(server, page):
    """Return the address of a page of the console."""
    return f"{server.url}/_emulator/console/{page}" if page else server.url


def until(driver, condition):
    """Wait until a function of the driver returns a true value, and return the value."""
    return WebDriverWait(driver, 20, 0.05).until(condition)


def count_faults(driver):
    """Return the number of faults that a page shows."""
    return len(driver.find_elements(By.CSS_SELECTOR, ".faults li"))


def emulate(driver, **values):
    """Set preferences such as `prefers-color-scheme`."""
    features = [{"name": name.replace("_", "-"), "value": value} for name, value in values.items()]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def test_requests_appear_while_the_page_is_open(chromium, server):
    """A request is added to the log without a reload, unless the log is paused."""
    chromium.get(server.url)
    server.request("groups")
    row = until(chromium, lambda d: d.find_elements(By.XPATH, "//tr[contains(., 'v2/groups')]"))
    chromium.find_element(By.ID, "pause").click()
    server.request("brands")
    state = chromium.find_element(By.ID, "state").text
    chromium.find_element(By.ID, "pause").click()
    until(chromium, lambda d: d.find_elements(By.XPATH, "//tr[contains(., 'v2/brands')]"))

    assert len(row) == 1
    assert state == "Paused"
    assert chromium.find_element(By.ID, "total").text == str(server.emulator.log.total)


def test_buttons_control_the_emulator(chromium, server):
    """Buttons advance the clock, and inject and remove faults."""
    before = server.emulator.clock.now()
    chromium.get(server.url)
    chromium.find_element(By.XPATH, "//button[. = '+ 1 day']").click()
    until(chromium, lambda d: "#clock" in d.current_url)
    passed = server.emulator.clock.now() - before

    route = chromium.find_element(By.NAME, "route")
    route.clear()
    route.send_keys("GET /api/v2/groups")
    Select(chromium.find_element(By.NAME, "failure")).select_by_visible_text("502 Bad Gateway")
    chromium.find_element(By.XPATH, "//button[. = 'Inject fault']").click()
    until(chromium, lambda d: count_faults(d) == 2)
    status = server.request("groups").status_code
    for number in (1, 0):
        chromium.find_element(By.XPATH, "//button[. = 'Remove']").click()
        until(chromium, lambda d, n=number: count_faults(d) == n)

    assert 86_400 <= passed < 86_500
    assert (status, server.request("groups").status_code) == (502, 200)


def test_values_are_not_run(chromium, server):
    """A subject that contains a script is text on every page."""
    titles = []
    for page in PAGES:
        chromium.get(address(server, page))
        titles.append(chromium.title)
    chromium.get(address(server, "records/support.Ticket"))

    assert [title for title in titles if not title.endswith(" - zendesk_orm emulator")] == []
    assert "<script>document.title" in chromium.find_element(By.TAG_NAME, "table").text
    # The browser logs one message for each requested page, and none about blocked content.
    assert [entry for entry in chromium.get_log("browser") if "Content" in entry["message"]] == []


def test_texts_have_contrast(chromium, server):
    """The contrast of each text with its background is at least 4.5, in light and dark."""
    poor = []
    for scheme in ("light", "dark"):
        emulate(chromium, prefers_color_scheme=scheme)
        for page in PAGES:
            chromium.get(address(server, page))
            poor += [f"{scheme} {page}: {text}" for text in chromium.execute_script(CONTRAST)]
    emulate(chromium)

    assert poor == []


def test_small_screens_need_no_sideways_scrolling(chromium, server):
    """On a screen of 320 pixels, only tables and JSON scroll sideways."""
    size = {"width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": True}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    widths = {}
    for page in PAGES:
        chromium.get(address(server, page))
        widths[page] = chromium.execute_script("return document.documentElement.scrollWidth")
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    assert widths == dict.fromkeys(PAGES, 320)


def test_the_keyboard_reaches_everything(chromium, server):
    """The first Tab shows the skip link, and further ones reach each control in order."""
    chromium.get(server.url)
    focus = "const e = document.activeElement; return e.textContent.trim() || e.name || e.role"
    names = []
    for _ in range(40):
        chromium.switch_to.active_element.send_keys(Keys.TAB)
        names.append(chromium.execute_script(focus))
    outline = chromium.execute_script(
        "return getComputedStyle(document.activeElement).outlineStyle"
    )

    assert names[0] == "Skip to content"
    assert names[2:5] == ["Overview", "Records", "Requests"]
    for name in ("Pause", "+ 1 minute", "Remove", "route", "chance", "times", "Inject fault"):
        assert name in names
    assert outline != "none"


def test_pages_of_other_sites_cannot_submit_forms(chromium, server):
    """A page of another origin cannot advance the clock by a form or a script."""
    page = f"""<form method="post" action="{server.url}/_emulator/console/clock">
        <input name="step" value="1 day"><button>Win</button></form>
        <script>fetch("{server.url}/_emulator/clock", {{method: "POST", mode: "no-cors",
        body: '{{"days": 1}}'}}).finally(() => {{ document.title = "sent" }})</script>"""

    def serve(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html")])
        return [page.encode()]

    before = server.emulator.clock.now()
    # Chromium opens connections in advance, which would block a server without threads.
    with Server.start("127.0.0.1", 0, serve) as other:
        chromium.get(f"{other.url}/")
        until(chromium, lambda d: d.title == "sent")
        chromium.find_element(By.TAG_NAME, "button").click()
        until(chromium, lambda d: "another site" in d.page_source)

    assert server.emulator.clock.now() - before < 3600

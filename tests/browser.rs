//! A page in a real browser: it is drawn, asks for nothing, complains of nothing, and prints on A4.
//! In: pages of cases, and Chromium from `CHROMIUM` or `PATH`. Out: what the browser made of them.
//! Never: silent where there is no browser: it says so, and fails where `FENCEPOST_BROWSER=require` is set.

use scraper::{Html, Selector};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// The browser, if there is one.
fn browser() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).flat_map(|dir| NAMES.map(|name| dir.join(name)));
    let found = named.into_iter().chain(found).find(|path| path.is_file());
    if found.is_none() {
        let required = std::env::var_os("FENCEPOST_BROWSER").is_some_and(|word| word == "require");
        assert!(
            !required,
            "FENCEPOST_BROWSER=require, and there is no Chromium in CHROMIUM or PATH"
        );
        eprintln!("SKIPPED: no Chromium in CHROMIUM or PATH, so no page was opened in a browser");
    }
    found
}

/// A directory that goes away with its test.
struct Dir(PathBuf);

impl Dir {
    fn new() -> Dir {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("fencepost-browser-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a directory");
        Dir(path)
    }

    /// Runs the browser on a page of this directory.
    fn open(&self, browser: &Path, page: &str, options: &[&str]) -> Output {
        let profile = Dir::new();
        Command::new(browser)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--enable-logging=stderr",
                "--window-size=1280,1600",
            ])
            .arg(format!("--user-data-dir={}", profile.0.display()))
            .args(options)
            .arg(format!("file://{}", self.0.join(page).display()))
            .stdin(Stdio::null())
            .output()
            .expect("the browser starts")
    }

    /// Writes the page of a case.
    fn page(&self, name: &str, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_fencepost"))
            .args(arguments)
            .output()
            .expect("the program runs");
        assert!(output.status.success(), "{arguments:?}");
        fs::write(self.0.join(name), &output.stdout).expect("a file");
        String::from_utf8(output.stdout).expect("text")
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the page's own part of the browser wrote: not the noise of a machine without a bus or a card.
fn complaints(output: &Output) -> Vec<String> {
    let said = String::from_utf8_lossy(&output.stderr);
    let own = said
        .lines()
        .filter(|line| line.contains("CONSOLE") || line.contains("Content Security Policy"));
    own.map(str::to_owned).collect()
}

/// The page as the browser understood it.
fn dom(dir: &Dir, browser: &Path, page: &str) -> Html {
    let output = dir.open(browser, page, &["--dump-dom"]);
    assert_eq!(complaints(&output), Vec::<String>::new(), "{page}");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.contains("</html>"), "{page}: no page in {text:?}");
    Html::parse_document(&text)
}

fn values(document: &Html, selector: &str, attribute: &str) -> Vec<String> {
    let selector = Selector::parse(selector).expect("a selector");
    let found = document
        .select(&selector)
        .filter_map(|e| e.value().attr(attribute));
    found.map(str::to_owned).collect()
}

const LOGS: [(&str, &str, &[&str]); 4] = [
    (
        "founding.html",
        "testdata/cases/founding-incident/input",
        &["pve5"],
    ),
    (
        "fence.html",
        "testdata/cases/isolation-with-fence/input",
        &["ash", "birch", "cedar"],
    ),
    (
        "parts.html",
        "testdata/cases/partition-two-three/input",
        &["alder", "beech", "elder", "fir", "juniper"],
    ),
    (
        "halls.html",
        "testdata/cases/trunk-between-two-halls/input",
        &[
            "basil", "borage", "chervil", "dill", "lovage", "savory", "sorrel", "thyme",
        ],
    ),
];

#[test]
fn pages_are_drawn_and_every_link_leads_somewhere() {
    let Some(browser) = browser() else { return };
    let dir = Dir::new();
    for (page, input, nodes) in LOGS {
        dir.page(page, &["-o", "html", input]);
        let document = dom(&dir, &browser, page);
        let drawn: BTreeSet<String> = values(&document, "g.lane-node", "data-node")
            .into_iter()
            .collect();
        let wanted: BTreeSet<String> = nodes.iter().map(|&node| node.to_owned()).collect();
        assert_eq!(drawn, wanted, "{page}");
        assert!(
            values(&document, "g.lane", "data-lane").len() >= nodes.len(),
            "{page}"
        );
        // Every bar of trouble leads to its line.
        let bars = Selector::parse("g.lane > rect.b, g.lane > rect.w").expect("a selector");
        assert_eq!(
            document.select(&bars).count(),
            0,
            "{page}: bars without a link"
        );
        let ids: BTreeSet<String> = values(&document, "[id]", "id").into_iter().collect();
        for link in values(&document, "[href]", "href") {
            assert!(
                link.strip_prefix('#').is_some_and(|id| ids.contains(id)),
                "{page}: {link}"
            );
        }
    }
    let fence = fs::read_to_string(dir.0.join("fence.html")).expect("the page");
    let document = Html::parse_document(&fence);
    assert_eq!(values(&document, "g.fence-of", "data-node"), ["birch"]);
    assert_eq!(
        values(&document, "g.move path", "d").len(),
        2,
        "two guests moved"
    );
}

#[test]
fn the_page_of_a_configuration_is_drawn() {
    let Some(browser) = browser() else { return };
    let dir = Dir::new();
    dir.page(
        "check.html",
        &["check", "-o", "html", "testdata/configs/grove"],
    );
    let document = dom(&dir, &browser, "check.html");
    assert_eq!(values(&document, "#guests table", "class"), ["heat guests"]);
    assert!(values(&document, ".faults a", "href").len() > 10);
}

/// A picture of every page is not empty, and it is printed on A4.
#[test]
fn pages_are_seen_and_printed() {
    let Some(browser) = browser() else { return };
    let dir = Dir::new();
    let (page, input, _) = LOGS[1];
    dir.page(page, &["-o", "html", input]);
    for scheme in ["0", "1"] {
        let shot = dir.0.join(format!("shot{scheme}.png"));
        let scheme = format!("--blink-settings=preferredColorScheme={scheme}");
        let output = dir.open(
            &browser,
            page,
            &[&scheme, &format!("--screenshot={}", shot.display())],
        );
        assert_eq!(complaints(&output), Vec::<String>::new());
        let bytes = fs::metadata(&shot).expect("a picture").len();
        assert!(bytes > 50_000, "{bytes} bytes are no picture of a page");
    }
    let dark = fs::read(dir.0.join("shot0.png")).expect("a picture");
    assert_ne!(
        dark,
        fs::read(dir.0.join("shot1.png")).expect("a picture"),
        "dark is light"
    );
    let print = dir.0.join("page.pdf");
    dir.open(
        &browser,
        page,
        &[
            "--no-pdf-header-footer",
            &format!("--print-to-pdf={}", print.display()),
        ],
    );
    let pdf = fs::read(&print).expect("a print");
    let text = String::from_utf8_lossy(&pdf);
    // A4 in points, as rounded by the browser.
    assert!(
        text.contains("/MediaBox [0 0 594.95") || text.contains("/MediaBox [0 0 595"),
        "not on A4"
    );
}

/// What a reader would see to be wrong: letters over letters, letters beyond their picture, a page wider than its window.
const LOOK: &str = r#"
const found = [];
for (const svg of document.querySelectorAll('svg.lanes, svg.votes')) {
  const box = svg.getBoundingClientRect();
  const words = [...svg.querySelectorAll('text')].map(t => [t.lastChild.textContent, t.getBoundingClientRect()]);
  words.forEach(([word, a], n) => {
    if (a.right > box.right + 1 || a.left < box.left - 1 || a.bottom > box.bottom + 1) found.push('cut: ' + word);
    for (const [other, b] of words.slice(n + 1)) {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 1.5 && high > 4) found.push('over each other: ' + word + ' and ' + other);
    }
  });
}
const all = document.documentElement;
if (all.scrollWidth > innerWidth) found.push('wider than its window: ' + all.scrollWidth);
all.dataset.seen = found.join('; ') || 'nothing';
"#;

/// What is wrong with a page in a window so wide. For the look alone its policy is taken off.
fn seen(dir: &Dir, browser: &Path, page: &str, width: u32) -> String {
    let text = fs::read_to_string(dir.0.join(page)).expect("the page");
    let (before, policy) = text.split_once("<meta http-equiv").expect("a policy");
    let (_, behind) = policy.split_once('>').expect("an end");
    let looked =
        format!("{before}{behind}").replace("</body>", &format!("<script>{LOOK}</script></body>"));
    fs::write(dir.0.join("looked.html"), looked).expect("a file");
    let size = format!("--window-size={width},1600");
    let output = dir.open(browser, "looked.html", &["--dump-dom", &size]);
    let document = Html::parse_document(&String::from_utf8_lossy(&output.stdout));
    values(&document, "html", "data-seen").join("")
}

#[test]
fn nothing_overlaps_and_nothing_is_cut() {
    let Some(browser) = browser() else { return };
    let dir = Dir::new();
    for (page, input, _) in LOGS {
        dir.page(page, &["-o", "html", input]);
    }
    dir.page(
        "check.html",
        &["check", "-o", "html", "testdata/configs/grove"],
    );
    for page in LOGS
        .map(|(page, ..)| page)
        .into_iter()
        .chain(["check.html"])
    {
        for width in [1280, 500] {
            assert_eq!(
                seen(&dir, &browser, page, width),
                "nothing",
                "{page} at {width}"
            );
        }
    }
    // A page on which all lanes have one place is seen to be wrong.
    let (page, ..) = LOGS[1];
    let text = fs::read_to_string(dir.0.join(page)).expect("the page");
    let heaped = text.replace("</style>", "svg .nm{transform:translate(1e3px,0)}</style>");
    fs::write(dir.0.join("heaped.html"), heaped).expect("a file");
    assert!(seen(&dir, &browser, "heaped.html", 1280).contains("cut: "));
}

/// What the page itself asked for, by the browser's own record; a browser calls home, too, but not for a page.
fn requests(dir: &Dir, browser: &Path, page: &str) -> Vec<String> {
    let record = dir.0.join("requests.json");
    dir.open(
        browser,
        page,
        &["--dump-dom", &format!("--log-net-log={}", record.display())],
    );
    let record = fs::read_to_string(record).expect("a record");
    let mut asked = Vec::new();
    // One event a line; the last may be torn.
    for line in record.lines() {
        let Ok(event) = serde_json::from_str::<serde_json::Value>(line.trim_end_matches(','))
        else {
            continue;
        };
        let params = &event["params"];
        if let (Some(url), Some(by)) = (params["url"].as_str(), params["initiator"].as_str())
            && by != "not an origin"
        {
            asked.push(url.to_owned());
        }
    }
    asked
}

#[test]
fn no_request_leaves_a_page() {
    let Some(browser) = browser() else { return };
    let dir = Dir::new();
    let (page, input, _) = LOGS[1];
    let text = dir.page(page, &["-o", "html", input]);
    assert_eq!(requests(&dir, &browser, page), Vec::<String>::new());
    // The same page with something to ask for, and without its policy, is seen to ask.
    let (before, policy) = text.split_once("<meta http-equiv").expect("a policy");
    let (_, behind) = policy.split_once('>').expect("an end");
    let planted =
        format!("{before}{behind}").replace("<main>", "<main><img src=\"http://192.0.2.1/a.png\">");
    fs::write(dir.0.join("asks.html"), planted).expect("a file");
    let asked = requests(&dir, &browser, "asks.html");
    assert!(
        asked.iter().any(|url| url.contains("192.0.2.1")),
        "{asked:?}"
    );
}

/// Were there something in a page that asks for anything, the policy of the page would not let it.
#[test]
fn a_page_may_load_nothing_and_run_nothing() {
    let Some(browser) = browser() else { return };
    let dir = Dir::new();
    let (page, input, _) = LOGS[0];
    let text = dir.page(page, &["-o", "html", input]);
    let planted = text.replace(
        "<main>",
        "<main><img src=\"file:///etc/hostname\"><img src=\"http://192.0.2.1/a.png\"><script>document.title = 'run';</script>",
    );
    assert_ne!(planted, text);
    fs::write(dir.0.join("planted.html"), planted).expect("a file");
    let output = dir.open(&browser, "planted.html", &["--dump-dom"]);
    let refused = complaints(&output).join("\n");
    for what in ["file:///etc/hostname", "192.0.2.1", "script"] {
        assert!(refused.contains(what), "{what} was not refused:\n{refused}");
    }
    assert!(
        !String::from_utf8_lossy(&output.stdout).contains("<title>run"),
        "a script ran"
    );
}

/// Text of a log that would be markup, if it were taken for it.
#[test]
fn hostile_logs_are_only_text() {
    let Some(browser) = browser() else { return };
    let dir = Dir::new();
    let evil = "</title></style></svg><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">\u{202e}\u{1b}[31m";
    let long = "<b>".repeat(350_000);
    let mut log = String::new();
    for second in 10..40 {
        for text in [
            "[KNET  ] link: host: 2 link: 0 is down",
            "[TOTEM ] Token has not been received in 5266 ms",
            evil,
        ] {
            log += &format!("2026-11-21T10:00:{second}+00:00 pve1 corosync[812]:   {text}\n");
        }
    }
    log += &format!(
        "2026-11-21T10:00:50+00:00 pve1 corosync[812]:   [QUORUM] This node is within the non-primary component and will NOT provide any services. {evil}\n"
    );
    log += &format!("2026-11-21T10:00:51+00:00 <img src=x onerror=a()> corosync[812]:   {long}\n");
    log += &format!(
        "2026-11-21T10:00:52+00:00 pve1 pve-ha-lrm[812]: lost lock 'ha_agent_{evil}_lock - {evil}\n"
    );
    fs::write(dir.0.join("evil.log"), log).expect("a file");
    let path = dir.0.join("evil.log").display().to_string();
    dir.page("evil.html", &["-o", "html", &path]);
    let document = dom(&dir, &browser, "evil.html");
    for none in ["script", "img", "iframe", "main b"] {
        let selector = Selector::parse(none).expect("a selector");
        assert_eq!(document.select(&selector).count(), 0, "<{none}>");
    }
    assert_eq!(values(&document, "main", "class").len(), 0);
    let title = Selector::parse("head title").expect("a selector");
    let title: String = document.select(&title).flat_map(|t| t.text()).collect();
    assert!(title.contains("fencepost"), "{title}");
}

use super::*;
use crate::claim::Interest;
use inventar_runtime::{Claim, Magic};
use tar::EntryType;

#[test]
fn paths_stay_inside() {
    for (name, path) in [
        ("a/b.py", Some("a/b.py")),
        ("./a//b.py", Some("a/b.py")),
        ("/etc/app.yaml", Some("etc/app.yaml")),
        ("a\\b.py", Some("a/b.py")),
        ("../x", None),
        ("a/../../x", None),
        ("", None),
        ("./", None),
        ("a!b", None),
    ] {
        assert_eq!(inner_path(name).as_deref(), path, "{name}");
    }
}

#[test]
fn archives_by_name() {
    for path in ["a.zip", "x/B.WHL", "c.tar.gz", "d.tgz", "é.jar"] {
        assert!(is_archive(path), "{path}");
    }
    for path in ["a.pt", "zip", "a.gz", "model.keras", ""] {
        assert!(!is_archive(path), "{path}");
    }
}

#[test]
fn layers_hide_what_is_below() {
    let above = Above {
        hidden: ["etc/app.yaml".to_owned(), "opt/old".to_owned()].into(),
        opaque: ["srv/data".to_owned()].into(),
        links: HardLinks::default(),
    };
    for (path, hidden) in [
        ("etc/app.yaml", true),
        ("etc/app.yaml.bak", false),
        ("opt/old/model.gguf", true),
        ("srv/data/x", true),
        ("srv/data", false),
        ("srv/other", false),
    ] {
        assert_eq!(above.hides(path), hidden, "{path}");
    }
}

#[test]
fn a_layer_is_no_part_of_a_path() {
    assert_eq!(without_layer("sha256:0123456789ab!app/main.py"), "app/main.py");
    assert_eq!(without_layer("dist/a.zip!main.py"), "dist/a.zip!main.py");
    assert_eq!(without_layer("main.py"), "main.py");
}

/// A tar: files with their content, links with what they name.
fn tar_of(entries: &[(&str, EntryType, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, kind, text) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        let content: &[u8] = if kind.is_file() { text.as_bytes() } else { b"" };
        header.set_size(content.len() as u64);
        if !kind.is_file() {
            header.set_link_name(text).unwrap();
        }
        builder.append_data(&mut header, path, content).unwrap();
    }
    builder.into_inner().unwrap()
}

/// What is kept of layers, from the bottom, called `0`, `1` and so on, and which gaps they have. Python files and what
/// begins with `GGUF` are asked for.
fn kept(layers: &[&[(&str, EntryType, &str)]]) -> (Vec<String>, Vec<String>) {
    let claim = |name: &str, globs: &[&str], magic: &[&str]| Claim {
        name: name.into(),
        globs: globs.iter().map(|glob| (*glob).into()).collect(),
        literals: vec![],
        ignore_case: false,
        regexes: vec![],
        magic: magic.iter().map(|bytes| Magic { offset: 0, bytes: bytes.as_bytes().to_vec() }).collect(),
        ignored: false,
        max_size: None,
    };
    let claims = vec![claim("code", &["**/*.py"], &[]), claim("weights", &[], &["GGUF"])];
    let claims = Claims::new(vec![Interest { plugin: "a/b".into(), claims, pulls: vec![] }]).unwrap();
    let (limits, cancel) = (Limits::default(), AtomicBool::new(false));
    let members = Members { files: vec![], gaps: vec![], seen: 0, spool: Spool::new().unwrap() };
    let mut expander = Expander {
        claims: &claims,
        classes: ClassCache::default(),
        limits: &limits,
        cancel: &cancel,
        members,
    };
    let identity = FileIdentity { size: 0, mtime_ns: 0, ctime_ns: 0, inode: 0, device: 0 };
    let mut above = Above::default();
    for (at, layer) in layers.iter().enumerate().rev() {
        let (bytes, shown) = (tar_of(layer), at.to_string());
        let outer = Outer { path: &shown, ignored: false, identity, depth: 0 };
        let open = || Ok(Box::new(io::Cursor::new(bytes.clone())) as Box<dyn Read>);
        expander.tar(&open, &outer, Some(&mut above));
    }
    expander.broken_links(&above.links);
    let spool = &expander.members.spool.dir;
    let text = |file: &Listed| spool.read_to_string(file.spooled.as_deref().unwrap()).unwrap();
    let kept = expander.members.files.iter().map(|file| format!("{} {}", file.path, text(file))).collect();
    (kept, expander.members.gaps.iter().map(|gap| gap.gap.detail.clone()).collect())
}

const FILE: EntryType = EntryType::Regular;
const LINK: EntryType = EntryType::Link;

fn check(layers: &[&[(&str, EntryType, &str)]], expected: &[&str]) {
    assert_eq!(kept(layers), (expected.iter().map(|line| (*line).to_owned()).collect(), vec![]));
}

#[test]
fn upper_layers_take_away() {
    check(
        &[
            &[("app/a.py", FILE, "1"), ("app/b.py", FILE, "1"), ("srv/c.py", FILE, "1"), ("d.py", FILE, "1")],
            &[("app/.wh.a.py", FILE, ""), ("app/b.py", FILE, "2"), ("srv/.wh..wh..opq", FILE, "")],
        ],
        &["1!app/b.py 2", "0!d.py 1"],
    );
}

#[test]
fn a_link_is_found_once() {
    check(&[&[("w/blob", FILE, "GGUF1"), ("w/model.gguf", LINK, "w/blob")]], &["0!w/blob GGUF1"]);
    check(&[&[("w/blob", FILE, "GGUF1")], &[("w/again", LINK, "w/blob")]], &["0!w/blob GGUF1"]);
}

#[test]
fn a_link_has_the_name_that_is_asked_for() {
    let store = ("store/1", FILE, "import openai");
    check(&[&[store, ("app/main.py", LINK, "store/1")]], &["0!app/main.py import openai"]);
    check(&[&[store], &[("app/main.py", LINK, "./store/1")]], &["1!app/main.py import openai"]);
    // To a link, whose own name nobody asks for; two names that ask for the same are one.
    check(
        &[&[store, ("x", LINK, "store/1"), ("a.py", LINK, "x"), ("b.py", LINK, "x")]],
        &["0!a.py import openai"],
    );
}

/// A tar has the content before its links: what an upper layer's link names is known to be a link only then.
#[test]
fn a_link_of_an_upper_layer_to_a_link_leads_to_the_content() {
    check(
        &[&[("store/1", FILE, "import openai"), ("x", LINK, "store/1")], &[("a.py", LINK, "x")]],
        &["1!a.py import openai"],
    );
}

#[test]
fn a_content_has_no_more_names_than_are_kept() {
    let mut links = HardLinks::default();
    for n in 0..1_500 {
        let link = |kind: &str| Linked { outer: "1".into(), path: format!("{kind}{n}") };
        links.owe("a", link("a"));
        links.owe("b", link("b"));
    }
    // What two have is one's now.
    links.add("a", "b");
    assert_eq!((links.owed_to("a").len(), links.owed_to("b").len()), (0, 1_000));
    assert_eq!(links.crowded().map(|(target, link)| (target, link.path.as_str())), Some(("a", "a1000")));
}

#[test]
fn a_link_outlives_what_it_names() {
    let lower: &[_] = &[("w/blob", FILE, "GGUF1"), ("w/model", LINK, "w/blob")];
    check(&[lower, &[("w/.wh.blob", FILE, "")]], &["0!w/model GGUF1"]);
    check(&[lower, &[("w/blob", FILE, "other")]], &["0!w/model GGUF1"]);
    check(&[lower, &[("w/.wh.blob", FILE, ""), ("w/.wh.model", FILE, "")]], &[]);
    // From a layer between, of which the upper one takes the name away.
    check(
        &[&[("w/blob", FILE, "GGUF1")], &[("w/model", LINK, "w/blob")], &[("w/.wh.blob", FILE, "")]],
        &["1!w/model GGUF1"],
    );
}

#[test]
fn a_link_to_nothing_is_said() {
    let (kept, gaps) = kept(&[&[("x", FILE, "")], &[("a.py", LINK, "lost")]]);
    assert!(kept.is_empty(), "{kept:?}");
    assert_eq!(gaps, ["it is a link to `lost`, which is not there"]);
    // Whoever looks at the other name would see the same, if it were there.
    let (kept, gaps) = self::kept(&[&[("z", FILE, "")], &[("a.py", LINK, "lost.py")]]);
    assert!(kept.is_empty(), "{kept:?}");
    assert_eq!(gaps, ["it is a link to `lost.py`, which is not there"]);
}

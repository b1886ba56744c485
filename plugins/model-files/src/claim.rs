//! Whether the host hands a member of an archive to us as a file of its own.
//!
//! It opens archives by their name, except among installed libraries, and hands over the members that `plugin.toml`
//! claims, as `outer!inner`. What such a member does is then said once, about the member.

/// The endings by which the host knows an archive; a test compares this and the next two with its own.
const ARCHIVES: &[&str] = &[
    ".zip", ".whl", ".jar", ".war", ".ear", ".egg", ".nupkg", ".vsix", ".tar", ".tgz", ".tar.gz", ".tar.zst",
    ".tar.xz", ".txz", ".tar.bz2", ".tbz2",
];
/// The folders in which it does not: those of installed libraries, and of tools. One too many here is said twice, one too
/// few not at all.
const LIBRARIES: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    ".jj",
    "node_modules",
    "bower_components",
    "jspm_packages",
    "site-packages",
    "dist-packages",
    ".venv",
    "__pycache__",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".gradle",
    ".terraform",
    ".next",
    ".nuxt",
    ".svelte-kit",
    ".turbo",
    ".parcel-cache",
    ".yarn",
    ".pnpm-store",
    ".ipynb_checkpoints",
    ".eggs",
    "Pods",
    ".dart_tool",
];
/// Archives in archives that the host opens.
const MAX_DEPTH: usize = 3;
const MANIFEST: &str = include_str!("../plugin.toml");
/// How much of a file shows what it is.
pub const HEAD: usize = 640;

/// Whether the host opens the file and hands over the member at that path inside it.
pub fn is_handed_over(outer: &str, member: &str) -> bool {
    let archives = member.rsplit_once('!').map_or("", |(archives, _)| archives);
    let is_library = |path: &str| path.split(['/', '!']).any(|part| LIBRARIES.contains(&part));
    is_archive(outer)
        && outer.matches('!').count() + member.matches('!').count() < MAX_DEPTH
        && !is_library(outer)
        && !is_library(archives)
}

/// Whether the host takes a file of that name for an archive.
pub fn is_archive(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    ARCHIVES.iter().any(|ending| lower.ends_with(ending))
}

/// Whether a file of that name and those first bytes is ours.
pub fn is_ours(path: &str, head: &[u8]) -> bool {
    by_ending(path)
        || magic().any(|(offset, magic)| head.get(offset..).is_some_and(|at| at.starts_with(&magic)))
}

fn by_ending(path: &str) -> bool {
    let name = path.rsplit(['/', '!']).next().unwrap_or(path);
    // The first claim asks for nothing but an ending.
    let endings = MANIFEST.split("[[claim]]").nth(1).unwrap_or_default();
    name.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&format!("\"**/*.{ending}\"")))
}

/// The manifest's first bytes, and where they stand.
fn magic() -> impl Iterator<Item = (usize, Vec<u8>)> {
    MANIFEST.split("{ offset = ").skip(1).filter_map(|entry| {
        let (offset, rest) = entry.split_once(", bytes = \"")?;
        let (digits, _) = rest.split_once('"')?;
        let bytes = digits.as_bytes().chunks(2).map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            u8::from_str_radix(pair, 16).ok()
        });
        Some((offset.parse().ok()?, bytes.collect::<Option<_>>()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_knows_the_same() {
        assert_eq!(ARCHIVES, inventar_testkit::ARCHIVES);
        assert_eq!(LIBRARIES, inventar_testkit::DEPENDENCY_FOLDERS);
        assert_eq!(MAX_DEPTH, inventar_testkit::MAX_ARCHIVE_DEPTH);
    }

    #[test]
    fn what_the_host_hands_over() {
        for (outer, member, expected) in [
            ("m.zip", "a.pkl", true),
            ("m.tar.xz", "a.pkl", true),
            ("m.zip", "site-packages/a.pkl", true),
            ("m.zip", "lib/x.zip!a.pkl", true),
            ("m.zip", "site-packages/x.zip!a.pkl", false),
            ("sha256:1!usr/lib/python3/dist-packages/nltk/m.zip", "a.pkl", false),
            ("a.zip!b.zip!c.zip", "d.zip!a.pkl", false),
            ("model.pt", "a.pkl", false),
        ] {
            assert_eq!(is_handed_over(outer, member), expected, "{outer} {member}");
        }
    }

    #[test]
    fn the_manifest_is_understood() {
        assert_eq!(magic().count(), MANIFEST.matches("{ offset").count());
        for (path, head, expected) in [
            ("a/m.pt", &b""[..], true),
            ("weights.txt", b"\x80\x04\x95", true),
            ("notes.txt", b"notes", false),
            ("config.json", b"{}", false),
            ("a", b"\x00\x00\x00TFL", false),
            ("a", b"\x00\x00\x00\x18TFL3", true),
        ] {
            assert_eq!(is_ours(path, head), expected, "{path} {head:?}");
        }
    }

    #[test]
    fn members() {
        for (outer, member, expected) in [
            ("models.zip", "a.pkl", true),
            ("a/B.WHL", "b!c", true),
            ("model.pt", "archive/data.pkl", false),
            ("backup", "a.pkl", false),
            ("a.zip!b.zip!c.zip", "d", true),
            ("a.zip!b.zip!c.zip", "d.zip!e", false),
        ] {
            assert_eq!(is_handed_over(outer, member), expected, "{outer} {member}");
        }
    }
}

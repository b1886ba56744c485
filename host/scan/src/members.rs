//! What is inside archives and images: their members, as files of their own.
//!
//! A member that somebody could want, by its path and its first bytes, is written to a private folder that is removed at
//! the end of the scan; everything else is passed over. It is called `outer!inner`; a member of an image is called after
//! its layer. Of an image's layers the upper ones count, as they would in a container.

use crate::Limits;
use crate::claim::{Claims, ClassCache};
use crate::image::Image;
use crate::platform::{self, FileIdentity};
use crate::rules::is_dependency_folder;
use crate::source::Source;
use crate::walk::Listed;
use cap_std::{ambient_authority, fs::Dir};
use inventar_model::{CoverageGap, Digest, GapReason, StampedGap};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Archives in archives.
const MAX_DEPTH: usize = 3;
/// Without a claim's match, a file that another may pull is kept up to this size.
const MAX_PULLED_BYTES: u64 = 1 << 20;
/// A member of an archive in a tree may have this many times the archive's bytes, or as many as
/// [`MIN_MEMBER_BYTES`]: deflate makes thousands of one, code and weights do not.
const MAX_RATIO: u64 = 200;
/// See [`MAX_RATIO`].
const MIN_MEMBER_BYTES: u64 = 64 << 20;
/// The same for all of a compressed tar.
const MIN_STREAM_BYTES: u64 = 1 << 30;
/// A path of this many bytes is nobody's.
const MAX_PATH_BYTES: usize = 4096;

/// What was found inside.
pub(crate) struct Members {
    pub(crate) files: Vec<Listed>,
    pub(crate) gaps: Vec<StampedGap>,
    /// Members looked at, wanted or not.
    pub(crate) seen: u64,
    /// Where the kept ones are; gone when this is dropped.
    pub(crate) spool: Spool,
}

/// A private folder of files without names.
pub(crate) struct Spool {
    pub(crate) dir: Dir,
    files: u64,
    bytes: u64,
    _folder: tempfile::TempDir,
}

impl Spool {
    fn new() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("inventar-").tempdir()?;
        let dir = Dir::open_ambient_dir(folder.path(), ambient_authority())?;
        Ok(Self { dir, files: 0, bytes: 0, _folder: folder })
    }

    /// Writes a file; its name here and its size. None: it has more than `max` bytes.
    fn keep(&mut self, head: &[u8], rest: &mut dyn Read, max: u64) -> io::Result<Option<(String, u64)>> {
        self.files += 1;
        let name = self.files.to_string();
        let mut file = self.dir.create(&name)?;
        file.write_all(head)?;
        let size = head.len() as u64 + io::copy(&mut rest.take(max.saturating_add(1)), &mut file)?;
        if size > max {
            self.dir.remove_file(&name)?;
            return Ok(None);
        }
        self.bytes += size;
        Ok(Some((name, size)))
    }
}

/// Expands every archive among the listed files, or an image.
pub(crate) fn expand(
    source: &Source,
    claims: &Claims,
    listed: &[Listed],
    limits: &Limits,
    cancel: &AtomicBool,
) -> io::Result<Option<Members>> {
    let archives: Vec<&Listed> = listed.iter().filter(|file| is_archive(&file.path)).collect();
    if archives.is_empty() && source.image.is_none() {
        return Ok(None);
    }
    let members = Members { files: vec![], gaps: vec![], seen: 0, spool: Spool::new()? };
    let mut expander = Expander { claims, classes: ClassCache::default(), limits, cancel, members };
    if let Some(image) = &source.image {
        expander.image(image);
    }
    for archive in archives {
        let Some(identity) = archive.identity else { continue };
        let outer = Outer { path: &archive.path, ignored: archive.ignored, identity, depth: 1 };
        let opened = platform::open_file(&source.dir, &archive.path);
        expander.archive(opened.map(cap_std::fs::File::into_std), &outer);
    }
    Ok(Some(expander.members))
}

/// Whether a file's name says that others are inside. Model files are archives too; those are read by who knows them.
fn is_archive(path: &str) -> bool {
    const ENDS: &[&str] = &[
        ".zip", ".whl", ".jar", ".war", ".ear", ".egg", ".nupkg", ".vsix", ".tar", ".tgz", ".tar.gz",
        ".tar.zst",
    ];
    let lower = path.get(path.len().saturating_sub(8)..).unwrap_or(path).to_ascii_lowercase();
    ENDS.iter().any(|end| lower.ends_with(end))
}

/// The bytes of a gzip or zstd stream, or of what is neither.
pub(crate) fn decompressed<'r>(mut reader: Box<dyn Read + 'r>) -> io::Result<Box<dyn Read + 'r>> {
    let mut front = [0; 4];
    let n = read_up_to(&mut reader, &mut front)?;
    let whole = io::Cursor::new(front[..n].to_vec()).chain(reader);
    Ok(match front {
        [0x1f, 0x8b, ..] => Box::new(flate2::read::MultiGzDecoder::new(whole)),
        [0x28, 0xb5, 0x2f, 0xfd] => {
            Box::new(ruzstd::decoding::StreamingDecoder::new(whole).map_err(io::Error::other)?)
        }
        _ => Box::new(whole),
    })
}

/// What a member is in.
struct Outer<'a> {
    path: &'a str,
    ignored: bool,
    identity: FileIdentity,
    depth: usize,
}

struct Expander<'a> {
    claims: &'a Claims,
    classes: ClassCache,
    limits: &'a Limits,
    cancel: &'a AtomicBool,
    members: Members,
}

/// What an image's upper layers say of the lower ones.
#[derive(Default)]
struct Above {
    /// Paths that are there already, or are no more.
    hidden: HashSet<String>,
    /// Folders whose lower content is no more.
    opaque: HashSet<String>,
}

impl Above {
    fn hides(&self, path: &str) -> bool {
        let mut at = Some(path);
        while let Some(here) = at {
            if self.hidden.contains(here) || self.opaque.contains(here) && here != path {
                return true;
            }
            at = here.rsplit_once('/').map(|(folder, _)| folder);
        }
        self.opaque.contains("")
    }
}

impl Expander<'_> {
    fn image(&mut self, image: &Image) {
        let identity = FileIdentity { size: 0, mtime_ns: 0, ctime_ns: 0, inode: 0, device: 0 };
        let mut above = Above::default();
        for layer in image.layers.iter().rev() {
            let outer = Outer { path: &layer.shown, ignored: false, identity, depth: 0 };
            match image.read(layer) {
                Ok(reader) => self.tar(reader, &outer, Some(&mut above)),
                Err(error) => {
                    self.gap(&layer.shown, GapReason::Other("cannot be read".into()), error.to_string())
                }
            }
        }
    }

    fn archive(&mut self, file: io::Result<File>, outer: &Outer<'_>) {
        let opened = file.and_then(|mut file| {
            let mut front = [0; 4];
            let n = read_up_to(&mut file, &mut front)?;
            io::Seek::rewind(&mut file)?;
            Ok((file, front[..n].starts_with(b"PK")))
        });
        match opened {
            Ok((file, true)) => self.zip(file, outer),
            Ok((file, false)) => match decompressed(Box::new(file)) {
                Ok(reader) => self.tar(reader, outer, None),
                Err(error) => self.gap(outer.path, GapReason::Unparsable, error.to_string()),
            },
            Err(error) => self.gap(outer.path, GapReason::Other("cannot be read".into()), error.to_string()),
        }
    }

    fn zip(&mut self, file: File, outer: &Outer<'_>) {
        let mut archive = match zip::ZipArchive::new(file) {
            Ok(archive) => archive,
            Err(error) => {
                return self.gap(outer.path, GapReason::Unparsable, format!("not a zip archive: {error}"));
            }
        };
        for at in 0..archive.len() {
            if self.is_over(outer, at) {
                return;
            }
            match archive.by_index(at) {
                Ok(mut member) if member.is_file() => {
                    let name = String::from_utf8_lossy(member.name_raw()).into_owned();
                    let size = member.size();
                    self.member(&name, size, &mut member, outer);
                }
                Ok(_) => {}
                Err(error) => {
                    let detail = format!("member {at} cannot be read: {error}");
                    self.gap(outer.path, GapReason::Unsupported("zip member".into()), detail);
                }
            }
        }
    }

    fn tar(&mut self, reader: Box<dyn Read + '_>, outer: &Outer<'_>, mut above: Option<&mut Above>) {
        // Only headers and wanted members are kept, so what must end is the stream itself.
        let max = match outer.identity.size {
            0 => self.limits.max_unpacked_bytes,
            size => {
                let grown = size.saturating_mul(MAX_RATIO).max(MIN_STREAM_BYTES);
                grown.min(self.limits.max_unpacked_bytes)
            }
        };
        let mut archive = tar::Archive::new(reader.take(max));
        let entries = match archive.entries() {
            Ok(entries) => entries,
            Err(error) => return self.gap(outer.path, GapReason::Unparsable, error.to_string()),
        };
        // A layer hides what is below it, not what is in it.
        let mut here = Above::default();
        for (at, entry) in entries.enumerate() {
            if self.is_over(outer, at) {
                break;
            }
            let mut entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.gap(
                        outer.path,
                        GapReason::Unparsable,
                        format!("broken after {at} members: {error}"),
                    );
                    break;
                }
            };
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let kind = entry.header().entry_type();
            let Some(path) = inner_path(&name) else {
                if !name.trim_matches(['.', '/']).is_empty() {
                    self.gap(outer.path, GapReason::Unsupported("member path".into()), format!("`{name}`"));
                }
                continue;
            };
            if let Some(above) = above.as_deref() {
                let (folder, file) = path.rsplit_once('/').unwrap_or(("", &path));
                if file == ".wh..wh..opq" {
                    here.opaque.insert(folder.to_owned());
                    continue;
                }
                if let Some(removed) = file.strip_prefix(".wh.") {
                    here.hidden.insert(join(folder, removed));
                    continue;
                }
                if above.hides(&path) {
                    continue;
                }
                if !kind.is_dir() {
                    here.hidden.insert(path.clone());
                }
            }
            if kind.is_file() {
                let size = entry.size();
                self.member(&path, size, &mut entry, outer);
            }
        }
        if let Some(above) = above.as_deref_mut() {
            above.hidden.extend(here.hidden);
            above.opaque.extend(here.opaque);
        }
    }

    /// Whether enough of an archive was seen; says so.
    fn is_over(&mut self, outer: &Outer<'_>, at: usize) -> bool {
        let limits = self.limits;
        let what = if at >= limits.max_members {
            format!("more than {} members; the rest was not looked at", limits.max_members)
        } else if self.members.spool.bytes >= limits.max_spool_bytes {
            format!(
                "more than {} bytes in archives are worth a look; the rest was not",
                limits.max_spool_bytes
            )
        } else {
            return self.cancel.load(Ordering::Relaxed);
        };
        self.gap(outer.path, GapReason::TooLarge(self.members.spool.bytes), what);
        true
    }

    /// Keeps a member if somebody could want it, and looks into it if it is an archive itself.
    fn member(&mut self, name: &str, size: u64, reader: &mut dyn Read, outer: &Outer<'_>) {
        self.members.seen += 1;
        let Some(inner) = inner_path(name) else {
            let detail = format!("`{}` leaves the archive", name.escape_debug());
            return self.gap(outer.path, GapReason::Unsupported("member path".into()), detail);
        };
        // Installed libraries are not what an image's people wrote; weights and settings may still be among them.
        let is_installed = inner.split('/').any(is_dependency_folder);
        let ignored = outer.ignored || is_installed;
        let nested = is_archive(&inner) && outer.depth < MAX_DEPTH && !is_installed;
        let class = self.claims.class(&inner, ignored, &mut self.classes);
        if class.is_none() && !nested {
            return;
        }
        let path = format!("{}!{inner}", outer.path);
        let left = self.limits.max_spool_bytes.saturating_sub(self.members.spool.bytes);
        // An image's layers say nothing of their size.
        let max = match outer.identity.size {
            0 => left,
            size => left.min(size.saturating_mul(MAX_RATIO).max(MIN_MEMBER_BYTES)),
        };
        let kept = (|| {
            let mut head = vec![0; class.as_ref().map_or(0, |class| class.probe_bytes().min(64 << 10))];
            let n = read_up_to(reader, &mut head)?;
            head.truncate(n);
            let is_wanted = class.as_ref().is_some_and(|class| {
                class.may_hold(&head) || !class.pulls.is_empty() && size <= MAX_PULLED_BYTES
            });
            if !is_wanted && !nested {
                return Ok(None);
            }
            self.members.spool.keep(&head, reader, max).map(Some)
        })();
        let (spooled, size) = match kept {
            Ok(Some(Some(kept))) => kept,
            Ok(Some(None)) => {
                let detail = format!("it unpacks to more than {max} bytes; it was not looked at");
                return self.gap(&path, GapReason::TooLarge(size), detail);
            }
            Ok(None) => return,
            Err(error) => {
                let error: io::Error = error;
                return self.gap(&path, GapReason::Unparsable, format!("cannot be unpacked: {error}"));
            }
        };
        // What tells that a member is the one it was: the outer file's identity, its own path and size.
        let mut device = [0; 8];
        device.copy_from_slice(&Digest::of(path.as_bytes()).as_bytes()[..8]);
        let identity = FileIdentity { size, device: u64::from_le_bytes(device), ..outer.identity };
        if nested {
            let opened = platform::open_file(&self.members.spool.dir, &spooled);
            let inside = Outer { path: &path, ignored, identity, depth: outer.depth + 1 };
            self.archive(opened.map(cap_std::fs::File::into_std), &inside);
        }
        if let Some(class) = class {
            let listed = Listed {
                path: path.into(),
                ignored,
                class,
                identity: Some(identity),
                spooled: Some(spooled.into()),
            };
            self.members.files.push(listed);
        }
    }

    fn gap(&mut self, at: &str, reason: GapReason, detail: String) {
        let gap = CoverageGap { at: at.to_owned(), reason, detail, retriable: false };
        self.members.gaps.push(StampedGap { gap, plugin: None });
    }
}

/// A member's path inside its archive; none: it leads out, or is none.
fn inner_path(name: &str) -> Option<String> {
    let name = name.replace('\\', "/");
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let is_inside = !parts.is_empty()
        && name.len() <= MAX_PATH_BYTES
        && !name.contains(['\0', '\n', '!'])
        && !parts.contains(&"..");
    is_inside.then(|| parts.join("/"))
}

/// A path without the layer it is in: where it would be in a container.
pub(crate) fn without_layer(path: &str) -> &str {
    match path.split_once('!') {
        Some((layer, inner)) if layer.starts_with("sha256:") && !layer.contains('/') => inner,
        _ => path,
    }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn read_up_to(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match reader.read(&mut buffer[n..]) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(n)
}

#[cfg(test)]
mod tests {
    use super::*;

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
}

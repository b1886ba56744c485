//! What `inventar scan TARGET` means.

use crate::config::{Config, hint_for};
use crate::exit::Stop;
use crate::pull;
use inventar_scan::ImageKind;
use oci_client::Reference;
use std::path::{Path, PathBuf};

/// Kinds of targets that have a name already and come with later versions.
const SCHEMES: &[(&str, &str)] = &[
    ("docker", "scan image:REF, or save it with `docker save REF -o FILE` and scan docker-archive:FILE"),
    ("git", "clone it and scan the folder"),
    ("https", "clone or download it and scan the folder"),
    ("http", "clone or download it and scan the folder"),
    ("ssh", "clone it and scan the folder"),
    ("hf", "download it and scan the folder"),
    ("k8s", "scan the folder with its manifests"),
    ("aws", "scan the folder with its infrastructure code"),
    ("azure", "scan the folder with its infrastructure code"),
    ("gcp", "scan the folder with its infrastructure code"),
    ("plugin", "scan a folder"),
];

/// Images in files.
const IMAGES: &[(&str, ImageKind)] = &[
    ("oci-archive", ImageKind::OciArchive),
    ("docker-archive", ImageKind::DockerArchive),
    ("oci", ImageKind::OciDir),
];

/// Where an image is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Image {
    /// In a file or folder.
    Kept(ImageKind),
    /// In a registry, from which it is pulled.
    InRegistry(Reference),
}

/// A folder or image to scan, and the source of the configuration it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The folder, or the file or folder with the image; empty for one in a registry.
    pub(crate) path: PathBuf,
    /// It is an image.
    pub(crate) image: Option<Image>,
    /// Its name in the configuration, when it was named so.
    pub(crate) source: Option<String>,
    /// Something a person should know about the choice.
    pub(crate) note: Option<String>,
}

/// Finds out what `text` means: a path if it contains "/" or is ".", then SCHEME:REF, then a source of the
/// configuration, then a path that exists.
pub(crate) fn resolve(text: &str, config: &Config, exists: &dyn Fn(&Path) -> bool) -> Result<Target, Stop> {
    if let Some((word, path)) = text.split_once(':')
        && let Some((_, kind)) = IMAGES.iter().find(|(scheme, _)| *scheme == word)
    {
        return Ok(Target { image: Some(Image::Kept(*kind)), ..folder(PathBuf::from(path)) });
    }
    if let Some(reference) = text.strip_prefix("image:") {
        let image = Some(Image::InRegistry(pull::reference(reference)?));
        return Ok(Target { image, ..folder(PathBuf::new()) });
    }
    if let Some((scheme, advice)) = scheme(text) {
        return Err(Stop::usage(format!(
            "cannot scan `{text}`: targets of the kind `{scheme}:` are not supported yet"
        ))
        .hint(format!("supported are folders, images (image:REF, or in files: oci-archive:, docker-archive:, oci:) and the sources of inventar.yaml; {advice}")));
    }
    if text.contains('/') || text == "." || text == ".." {
        return Ok(folder(PathBuf::from(text)));
    }
    let path = PathBuf::from(text);
    if let Some(source) = config.sources.get(text) {
        let Some(setting) = &source.path else {
            return Err(Stop::usage(format!("source `{text}` has no `path` in the configuration"))
                .hint(format!("add it under `sources: {text}:`, or name the folder")));
        };
        let note = (exists(&path) && !same(&path, &setting.value)).then(|| {
            format!(
                "`{text}` is a source of {} and a folder here; scanning the source `{}`, write ./{text} for the folder",
                setting.origin,
                setting.value.display()
            )
        });
        return Ok(Target { path: setting.value.clone(), image: None, source: Some(text.to_owned()), note });
    }
    if exists(&path) {
        return Ok(folder(path));
    }
    let names: Vec<&str> = config.sources.keys().map(String::as_str).collect();
    let hint = if names.is_empty() {
        "name a folder, such as `inventar scan .`".to_owned()
    } else {
        format!("name a folder or a source; {}", hint_for(text, names.iter().copied()))
    };
    Err(Stop::usage(format!("`{text}` is neither a source of the configuration nor a folder here"))
        .hint(hint))
}

/// A known SCHEME: that no folder has as its name.
fn scheme(text: &str) -> Option<(&'static str, &'static str)> {
    let (word, _) = text.split_once(':')?;
    SCHEMES.iter().copied().find(|(scheme, _)| *scheme == word)
}

/// A folder given by its path. It is nobody's source: a configuration that came with a clone must not be able to
/// record it under another's name.
fn folder(path: PathBuf) -> Target {
    Target { path, image: None, source: None, note: None }
}

fn same(a: &Path, b: &Path) -> bool {
    a == b || matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Flags, Origin, Setting, SourceConfig};

    fn config() -> Config {
        let mut config = Config::load(Flags::default(), &|_| None, &[]).unwrap();
        let path = |path: &str| SourceConfig {
            path: Some(Setting::new(path.into(), Origin::File("inventar.yaml".into(), 2))),
            ..SourceConfig::default()
        };
        config.sources.insert("api".into(), path("../services/api"));
        config.sources.insert("web".into(), path("web"));
        config.sources.insert("empty".into(), SourceConfig::default());
        config
    }

    /// `expected` is "PATH", "PATH as SOURCE", or the beginning of an error.
    #[track_caller]
    fn check(text: &str, existing: &[&str], expected: &str) {
        let exists = |path: &Path| existing.iter().any(|name| path == Path::new(name));
        let outcome = match resolve(text, &config(), &exists) {
            Ok(Target { path, source: Some(source), .. }) => format!("{} as {source}", path.display()),
            Ok(Target { image: Some(Image::InRegistry(image)), .. }) => format!("pull {}", image.whole()),
            Ok(Target { path, image: Some(Image::Kept(kind)), .. }) => {
                format!("{} ({kind:?})", path.display())
            }
            Ok(Target { path, .. }) => path.display().to_string(),
            Err(stop) => stop.to_string(),
        };
        assert!(outcome.starts_with(expected), "{text}: {outcome}");
    }

    #[test]
    fn targets() {
        check(".", &[], ".");
        check("..", &[], "..");
        check("./x", &[], "./x");
        check("a/b", &[], "a/b");
        check("/srv/app", &[], "/srv/app");
        check("api", &[], "../services/api as api");
        check("api", &["api"], "../services/api as api");
        check("./api", &["api"], "./api");
        check("../services/api", &[], "../services/api");
        check("here", &["here"], "here");
        check("a:b", &["a:b"], "a:b");
        check("./image:x", &[], "./image:x");
        check("image:alpine", &[], "pull docker.io/library/alpine:latest");
        check("image:ghcr.io/a/b", &[], "pull ghcr.io/a/b:latest");
        check("image:A B", &[], "`A B` is no image reference");
        check("docker:alpine", &[], "cannot scan `docker:alpine`: targets of the kind `docker:`");
        check("oci-archive:dist/app.tar", &[], "dist/app.tar (OciArchive)");
        check("docker-archive:app.tar", &[], "app.tar (DockerArchive)");
        check("oci:layout", &[], "layout (OciDir)");
        check("https://github.com/a/b", &[], "cannot scan");
        check("k8s:", &[], "cannot scan");
        check("empty", &[], "source `empty` has no `path`");
        check("nowhere", &[], "`nowhere` is neither");
        check(
            "appi",
            &[],
            "`appi` is neither a source of the configuration nor a folder here\n  hint: name a folder or a source; did you mean `api`?",
        );
    }

    #[test]
    fn a_name_that_is_both_is_said() {
        let note = |existing: bool| resolve("api", &config(), &|_| existing).unwrap().note;
        assert_eq!(note(false), None);
        assert!(note(true).unwrap().contains("write ./api for the folder"));
    }
}

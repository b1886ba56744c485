//! What is scanned, and what it is called wherever it is scanned.

use crate::error::ScanError;
use crate::image::{Image, ImageKind};
use cap_std::{ambient_authority, fs::Dir};
use inventar_model::{Revision, SourceName, Timestamp};
use std::path::{Path, PathBuf};

/// A folder or an image to scan, with its name.
#[derive(Debug)]
pub struct Source {
    /// The same in every clone: given, or from the git remote, or the canonical path.
    pub name: SourceName,
    /// The canonical path on this machine; never recorded, never shown in a document.
    pub root: PathBuf,
    pub(crate) dir: Dir,
    pub(crate) image: Option<Image>,
    repository: Option<Repository>,
}

#[derive(Debug)]
struct Repository {
    git_dir: PathBuf,
    work_tree: PathBuf,
    name: Option<String>,
}

impl Source {
    /// Opens a folder. Its name is `name`, else the normalised URL of the git remote with the folder in the
    /// repository, else the canonical path.
    pub fn open(path: &Path, name: Option<SourceName>) -> Result<Self, ScanError> {
        let cannot = |source| ScanError::Open { path: path.to_owned(), source };
        let root = path.canonicalize().map_err(cannot)?;
        let dir = Dir::open_ambient_dir(&root, ambient_authority()).map_err(cannot)?;
        dir.entries().map_err(cannot)?;
        let repository = Repository::around(&root);
        let name = match name {
            Some(name) => name,
            None => match repository.as_ref().and_then(|repository| repository.name.as_ref()) {
                Some(name) => SourceName::new(name)?,
                None => SourceName::new(root.to_string_lossy())?,
            },
        };
        Ok(Self { name, root, dir, image: None, repository })
    }

    /// Opens a container image that is kept in a file or folder. Its name is `name`, else what the image calls itself,
    /// else the canonical path.
    pub fn open_image(path: &Path, kind: ImageKind, name: Option<SourceName>) -> Result<Self, ScanError> {
        let cannot = |source| ScanError::Open { path: path.to_owned(), source };
        let root = path.canonicalize().map_err(cannot)?;
        let image = Image::open(&root, kind).map_err(cannot)?;
        let folder = if root.is_dir() { root.as_path() } else { root.parent().unwrap_or(&root) };
        let dir = Dir::open_ambient_dir(folder, ambient_authority()).map_err(cannot)?;
        let name = match (name, &image.name) {
            (Some(name), _) => name,
            (None, Some(called)) => SourceName::new(format!("image:{called}"))?,
            (None, None) => SourceName::new(root.to_string_lossy())?,
        };
        Ok(Self { name, root, dir, image: Some(image), repository: None })
    }

    /// The commit that is checked out, if it has the files at `paths` and every file of it is as it was committed: asks for
    /// the state of them all, also beside the source's folder.
    pub(crate) fn revision<'p>(&self, mut paths: impl Iterator<Item = &'p str>) -> Option<Revision> {
        let repository = self.repository.as_ref()?;
        let repo = repository.open()?;
        if repo.is_dirty().unwrap_or(true) {
            return None;
        }
        let index = repo.index_or_empty().ok()?;
        let folder = self.root.strip_prefix(&repository.work_tree).ok()?;
        let folder: Vec<&str> = folder.iter().map(std::ffi::OsStr::to_str).collect::<Option<_>>()?;
        // A folder that is an entry is a submodule, whose files are as its commit says.
        let has = |path: &str| {
            let full = folder.iter().copied().chain([path]).collect::<Vec<_>>().join("/");
            let ends = full.match_indices('/').map(|(at, _)| at).chain([full.len()]);
            ends.into_iter().any(|end| index.entry_by_path((&full.as_bytes()[..end]).into()).is_some())
        };
        // A member of an archive is as its archive is.
        let is_committed = |path: &str| has(path) || path.match_indices('!').any(|(at, _)| has(&path[..at]));
        if !paths.all(is_committed) {
            return None;
        }
        let commit = repo.head_commit().ok()?;
        let seconds = commit.time().ok()?.seconds;
        Some(Revision { commit: commit.id.to_string(), committed: Timestamp(seconds.checked_mul(1000)?) })
    }

    /// The folders above the root that belong to the same repository, outermost first: their ignore files apply.
    pub(crate) fn folders_above(&self) -> Vec<PathBuf> {
        let Some(repository) = &self.repository else { return vec![] };
        let mut above: Vec<PathBuf> = self
            .root
            .ancestors()
            .skip(1)
            .take_while(|folder| folder.starts_with(&repository.work_tree))
            .map(Path::to_owned)
            .collect();
        above.reverse();
        above
    }
}

impl Repository {
    /// The repository a folder is in.
    fn around(root: &Path) -> Option<Self> {
        let trust = gix::sec::trust::Mapping { full: isolated(), reduced: isolated() };
        let upwards = gix::discover::upwards::Options::default();
        let repo = gix::ThreadSafeRepository::discover_opts(root, upwards, trust).ok()?.to_thread_local();
        let work_tree = repo.workdir()?.canonicalize().ok()?;
        let name = source_name(&repo, root.strip_prefix(&work_tree).ok()?);
        Some(Self { git_dir: repo.git_dir().to_owned(), work_tree, name })
    }

    fn open(&self) -> Option<gix::Repository> {
        gix::open_opts(&self.git_dir, isolated()).ok()
    }
}

/// Nothing of the user's or the repository's configuration is executed or asked for beyond the repository itself.
fn isolated() -> gix::open::Options {
    gix::open::Options::isolated()
}

/// `host/owner/name` of the default remote, with the folder in the repository behind it.
fn source_name(repo: &gix::Repository, inside: &Path) -> Option<String> {
    let remote = repo.find_default_remote(gix::remote::Direction::Fetch)?.ok()?;
    let url = remote.url(gix::remote::Direction::Fetch)?;
    let mut name = normalise_remote(url.host(), &url.path.to_string())?;
    for part in inside.components() {
        name.push('/');
        name.push_str(&part.as_os_str().to_string_lossy());
    }
    Some(name)
}

/// `github.com/acme/app` of whatever way there is to write that. A remote without a host is only a path.
fn normalise_remote(host: Option<&str>, path: &str) -> Option<String> {
    let host = host?.to_ascii_lowercase();
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    (!host.is_empty() && !path.is_empty()).then(|| format!("{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remotes() {
        assert_eq!(normalise_remote(Some("GitHub.com"), "/acme/App.git"), Some("github.com/acme/App".into()));
        assert_eq!(normalise_remote(Some("git.acme.io"), "team/app"), Some("git.acme.io/team/app".into()));
        assert_eq!(normalise_remote(None, "/srv/git/app.git"), None);
    }

    #[test]
    fn a_folder_that_is_not_there() {
        let error = Source::open(Path::new("/nonexistent/folder"), None).unwrap_err();
        assert!(error.to_string().contains("/nonexistent/folder"), "{error}");
    }

    #[test]
    fn the_name_of_a_clone_is_its_remote_and_folder() {
        let dir = tempfile::tempdir().unwrap();
        let git = dir.path().join(".git");
        std::fs::create_dir_all(git.join("objects")).unwrap();
        std::fs::create_dir_all(git.join("refs")).unwrap();
        std::fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        let config = "[core]\nrepositoryformatversion = 0\n[remote \"origin\"]\nurl = git@GitHub.com:acme/app.git\n\
                      fetch = +refs/heads/*:refs/remotes/origin/*\n";
        std::fs::write(git.join("config"), config).unwrap();
        let inner = dir.path().join("services/chat");
        std::fs::create_dir_all(&inner).unwrap();
        assert_eq!(Source::open(dir.path(), None).unwrap().name.as_str(), "github.com/acme/app");
        let source = Source::open(&inner, None).unwrap();
        assert_eq!(source.name.as_str(), "github.com/acme/app/services/chat");
        assert_eq!(source.folders_above().len(), 2);
        assert_eq!(source.revision([].into_iter()), None);
    }
}

//! The data folder: the database, the compiled plugins and the report cache.

use crate::exit::{Exit, Stop};
use etcetera::BaseStrategy;
use std::fs::DirBuilder;
use std::io;
use std::path::{Path, PathBuf};

/// Where everything of this installation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataFolder {
    path: PathBuf,
}

impl DataFolder {
    /// The folder that is configured, else the platform's place for it.
    pub(crate) fn locate(configured: Option<&Path>) -> Result<Self, Stop> {
        let path = match configured {
            Some(path) => path.to_owned(),
            None => base()?.data_dir().join("inventar"),
        };
        Ok(Self { path })
    }

    /// The folder; it holds `inventar.db`.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What may be deleted at any time: the report cache.
    pub(crate) fn cache(&self) -> PathBuf {
        self.path.join("cache")
    }

    /// Compiled plugins; disposable too.
    pub(crate) fn compiled(&self) -> PathBuf {
        self.path.join("compiled")
    }

    /// Makes the folder and those inside it, for the owner alone.
    pub(crate) fn create(&self) -> io::Result<()> {
        private_folder(&self.path)?;
        private_folder(&self.cache())?;
        private_folder(&self.compiled())
    }

    /// An error that names the folder.
    pub(crate) fn unusable(&self, error: &io::Error) -> Stop {
        Stop::new(Exit::Store, format!("cannot use the data folder `{}`: {error}", self.path.display()))
            .hint("check its owner and permissions, or use --data DIR")
    }
}

/// The user's configuration folder, if there is a home.
pub(crate) fn user_config_folder() -> Option<PathBuf> {
    base().ok().map(|base| base.config_dir())
}

fn base() -> Result<impl BaseStrategy, Stop> {
    etcetera::choose_base_strategy().map_err(|_| {
        Stop::new(Exit::Store, "there is no home folder to keep data in")
            .hint("name a data folder with --data DIR")
    })
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_folder_belongs_to_its_owner_alone() {
        let root = std::env::temp_dir().join(format!("inventar-data-{}", std::process::id()));
        let data = DataFolder::locate(Some(&root.join("deep/data"))).unwrap();
        data.create().unwrap();
        data.create().unwrap();
        assert!(data.cache().is_dir() && data.compiled().is_dir());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(data.path()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
        std::fs::remove_dir_all(root).unwrap();
    }
}

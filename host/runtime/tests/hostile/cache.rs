//! The folder of compiled code in the hands of somebody else.

use crate::guest::{component, file, low, scanning, stands};
use crate::image::answering;
use inventar_runtime::{FaultKind, Limits, Plugin, Runtime, RuntimeConfig, Trust};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn runtime(folder: &Path) -> Runtime {
    Runtime::new(RuntimeConfig { limits: low(), cache: Some(folder.to_owned()), ..RuntimeConfig::default() })
        .unwrap()
}

fn good(runtime: &Runtime) -> Plugin {
    runtime.load(&component(&answering(|_, _| {})), Trust::Unsigned).unwrap()
}

fn trap(runtime: &Runtime) -> Plugin {
    runtime.load(&component(&scanning("unreachable")), Trust::Unsigned).unwrap()
}

fn code_files(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|end| end == "code")).collect()
}

/// A folder with the code of one good plugin, and its file.
fn filled() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("code");
    good(&runtime(&cache)).scan("", file()).unwrap();
    let [path] = &code_files(&cache)[..] else { panic!("one file") };
    let path = path.clone();
    (folder, path)
}

fn cache(path: &Path) -> &Path {
    path.parent().unwrap()
}

/// After the tampering the plugin still answers rightly, and its file is whole again.
#[track_caller]
fn heals(path: &Path, whole: &[u8]) {
    let runtime = runtime(cache(path));
    assert!(good(&runtime).scan("", file()).unwrap().answers[0].is_some());
    assert_eq!(fs::read(path).unwrap().len(), whole.len());
    assert!(fs::symlink_metadata(path).unwrap().is_file());
    stands(&runtime);
}

#[test]
fn the_folder_is_private() {
    let (_folder, path) = filled();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(cache(&path)), 0o700);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&cache(&path).join("secret")), 0o600);
    assert_eq!(fs::metadata(cache(&path).join("secret")).unwrap().len(), 32);
}

#[test]
fn code_is_used_again() {
    let (_folder, path) = filled();
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    // A compiler that cannot run: what answers now came from the folder.
    let config = RuntimeConfig {
        limits: low(),
        cache: Some(cache(&path).to_owned()),
        compiler: inventar_runtime::Compiler::Child("/nonexistent/compiler".into(), vec![]),
    };
    let runtime = Runtime::new(config).unwrap();
    assert!(good(&runtime).scan("", file()).is_ok());
    assert_eq!(trap(&runtime).scan("", file()).unwrap_err().kind, FaultKind::Compile);
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
}

#[test]
fn flipped_bits() {
    let (_folder, path) = filled();
    let whole = fs::read(&path).unwrap();
    let places = [0, 15, 16, 47, 48, whole.len() / 3, whole.len() / 2, whole.len() - 1];
    for at in places {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&path, &bytes).unwrap();
        heals(&path, &whole);
    }
}

#[test]
fn cut_and_empty_files() {
    let (_folder, path) = filled();
    let whole = fs::read(&path).unwrap();
    for len in [0, 10, 40, 60, whole.len() - 1] {
        fs::write(&path, &whole[..len]).unwrap();
        heals(&path, &whole);
    }
}

#[test]
fn one_plugins_code_under_the_name_of_another() {
    let (_folder, path) = filled();
    let whole = fs::read(&path).unwrap();
    assert_eq!(trap(&runtime(cache(&path))).scan("", file()).unwrap_err().kind, FaultKind::Trap);
    let other = code_files(cache(&path)).into_iter().find(|other| *other != path).unwrap();
    fs::copy(&other, &path).unwrap();
    heals(&path, &whole);
}

#[test]
fn code_of_another_installation() {
    let (_folder, path) = filled();
    let (_elsewhere, foreign) = filled();
    let whole = fs::read(&path).unwrap();
    assert_ne!(whole, fs::read(&foreign).unwrap(), "two installations have two secrets");
    fs::copy(&foreign, &path).unwrap();
    heals(&path, &whole);
}

#[test]
fn symlinks() {
    let (folder, path) = filled();
    let whole = fs::read(&path).unwrap();
    let aside = folder.path().join("aside");
    fs::rename(&path, &aside).unwrap();
    symlink(&aside, &path).unwrap();
    heals(&path, &whole);
    assert_eq!(fs::read(&aside).unwrap(), whole, "what the link pointed at is untouched");
}

#[test]
fn a_folder_in_place_of_a_file() {
    let (_folder, path) = filled();
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(good(&runtime(cache(&path))).scan("", file()).is_ok());
}

#[test]
fn a_secret_that_others_could_read_is_replaced() {
    let (_folder, path) = filled();
    let secret = cache(&path).join("secret");
    let before = fs::read(&secret).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    let whole = fs::read(&path).unwrap();
    heals(&path, &whole);
    assert_ne!(fs::read(&secret).unwrap(), before);
    assert_eq!(fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_secret_that_is_a_symlink_or_too_short_is_replaced() {
    let (folder, path) = filled();
    let secret = cache(&path).join("secret");
    let whole = fs::read(&path).unwrap();
    fs::write(&secret, b"short").unwrap();
    heals(&path, &whole);
    let elsewhere = folder.path().join("known");
    fs::write(&elsewhere, [7; 32]).unwrap();
    fs::remove_file(&secret).unwrap();
    symlink(&elsewhere, &secret).unwrap();
    heals(&path, &whole);
    assert!(fs::symlink_metadata(&secret).unwrap().is_file());
}

#[test]
fn an_open_folder_is_closed() {
    let (_folder, path) = filled();
    fs::set_permissions(cache(&path), fs::Permissions::from_mode(0o755)).unwrap();
    good(&runtime(cache(&path))).scan("", file()).unwrap();
    assert_eq!(fs::metadata(cache(&path)).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_folder_that_cannot_be_used_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file_in_the_way = folder.path().join("file");
    fs::write(&file_in_the_way, b"").unwrap();
    assert!(good(&runtime(&file_in_the_way.join("code"))).scan("", file()).is_ok());
}

#[test]
fn a_full_folder_forgets_the_oldest() {
    let (_folder, path) = filled();
    let limits = Limits { cache_bytes: fs::metadata(&path).unwrap().len() + 10, ..low() };
    let config = RuntimeConfig { limits, cache: Some(cache(&path).to_owned()), ..RuntimeConfig::default() };
    let _ = trap(&Runtime::new(config).unwrap()).scan("", file());
    assert!(!path.exists());
    assert_eq!(code_files(cache(&path)).len(), 1);
}

//! What differs between operating systems, in one place.

mod mapping;

pub(crate) use mapping::{Mapping, run_where_mapped};

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::Duration;

/// CPU time of the calling thread: what a guest is charged by, so that a busy machine does not shorten its budget.
#[cfg(unix)]
pub(crate) fn thread_cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Elsewhere the wall clock stands in.
#[cfg(not(unix))]
pub(crate) fn thread_cpu() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

/// The triple that code is compiled for: naming it, rather than asking the machine, means its baseline CPU.
pub(crate) fn target() -> String {
    let os = match std::env::consts::OS {
        "macos" => "apple-darwin",
        "windows" => "pc-windows-msvc",
        _ => "unknown-linux-gnu",
    };
    format!("{}-{os}", std::env::consts::ARCH)
}

/// Makes a folder that only its owner can enter, or makes sure it is one.
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let folder = std::fs::symlink_metadata(path)?;
        let refused = |why: &str| {
            io::Error::new(io::ErrorKind::PermissionDenied, format!("`{}` {why}", path.display()))
        };
        if !folder.is_dir() {
            return Err(refused("is not a folder"));
        }
        if folder.uid() != rustix::process::geteuid().as_raw() {
            return Err(refused("belongs to another user"));
        }
        if folder.mode() & 0o077 != 0 {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
        }
    }
    Ok(())
}

/// Makes a file that only its owner can read; it must not exist.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Opens a regular file of ours: no symlink, no fifo, nobody else's.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
    }
    let file = options.open(path)?;
    let about = file.metadata()?;
    #[cfg(unix)]
    let ours = std::os::unix::fs::MetadataExt::uid(&about) == rustix::process::geteuid().as_raw();
    #[cfg(not(unix))]
    let ours = true;
    if !about.is_file() || !ours {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is not a regular file of this user"));
    }
    Ok(file)
}

/// Limits this process for good: CPU seconds, memory, no files, no core dump. For the child that compiles.
#[cfg(unix)]
pub(crate) fn confine(cpu_secs: u64, memory_bytes: u64) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let set = |resource, limit| setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) });
    set(Resource::Core, 0)?;
    set(Resource::Fsize, 0)?;
    set(Resource::Cpu, cpu_secs)?;
    // Private writable memory; address space follows with room for what is only reserved.
    set(Resource::Data, memory_bytes)?;
    set(Resource::As, memory_bytes.saturating_mul(8))?;
    Ok(())
}

/// Elsewhere the wall clock and the cap on its output have to do.
#[cfg(not(unix))]
pub(crate) fn confine(_cpu_secs: u64, _memory_bytes: u64) -> io::Result<()> {
    Ok(())
}

/// Whether anybody but its owner may read a file.
pub(crate) fn readable_by_others(file: &File) -> io::Result<bool> {
    #[cfg(unix)]
    return Ok(std::os::unix::fs::MetadataExt::mode(&file.metadata()?) & 0o077 != 0);
    #[cfg(not(unix))]
    return file.metadata().map(|_| false);
}

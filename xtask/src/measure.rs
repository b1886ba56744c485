//! What a command costs. A process of its own waits for it, so that the kernel's account of "my children" is exactly
//! that command and everything it started.

use anyhow::{Context, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const MEASURE: &str = "measure-command";
const FLOOR: &str = "measure-floor";

/// What a command used.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// User and system seconds of all its threads and children.
    pub(crate) cpu: f64,
    /// Seconds on the clock.
    pub(crate) wall: f64,
    /// The largest resident set of any of its processes.
    pub(crate) peak_mb: f64,
    pub(crate) code: i32,
}

impl Cost {
    /// Runs `command` without its output and says what it cost.
    pub(crate) fn of(command: &Command) -> Result<Self> {
        let report = std::env::temp_dir().join(format!("inventar-cost-{}", std::process::id()));
        let mut measured = Command::new(std::env::current_exe()?);
        measured.arg(MEASURE).arg(&report).arg(command.get_program()).args(command.get_args());
        if let Some(folder) = command.get_current_dir() {
            measured.current_dir(folder);
        }
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => measured.env(name, value),
                None => measured.env_remove(name),
            };
        }
        // A file, not /dev/null: some programs do less when nobody can see what they find.
        let output = report.with_extension("out");
        let stdout = fs::File::create(&output)?;
        measured.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::null()).status()?;
        fs::remove_file(&output)?;
        let text = fs::read_to_string(&report)
            .with_context(|| format!("{:?} did not start", command.get_program()))?;
        fs::remove_file(&report)?;
        let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [cpu, wall, peak_mb, code] = numbers[..] else { bail!("a measurement is malformed: {text}") };
        #[expect(clippy::cast_possible_truncation, reason = "an exit code that was an i32")]
        let code = code as i32;
        Ok(Self { cpu, wall, peak_mb, code })
    }

    /// The run with the least CPU of several: what is over it is the machine's other work.
    pub(crate) fn best_of(runs: u32, mut command: impl FnMut() -> Result<Command>) -> Result<Self> {
        let mut best = Self::of(&command()?)?;
        for _ in 1..runs {
            let next = Self::of(&command()?)?;
            if next.cpu < best.cpu {
                best = next;
            }
        }
        Ok(best)
    }
}

/// A command that lists a tree and asks for the size and time of every file, and does nothing else.
pub(crate) fn floor(tree: &Path) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(FLOOR).arg(tree);
    Ok(command)
}

/// Runs one of this module's own verbs, which are not for people; gives the exit code.
pub(crate) fn hidden_verb(verb: &str, args: &[String]) -> Result<Option<i32>> {
    match (verb, args) {
        (MEASURE, [report, program, args @ ..]) => measure(Path::new(report), program, args).map(Some),
        (FLOOR, [tree]) => {
            let (files, bytes) = walk(Path::new(tree));
            eprintln!("{files} files, {bytes} bytes");
            Ok(Some(0))
        }
        _ => Ok(None),
    }
}

fn measure(report: &Path, program: &str, args: &[String]) -> Result<i32> {
    let began = Instant::now();
    let status = Command::new(program).args(args).status()?;
    let wall = began.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |time: TimeVal| time.num_microseconds() as f64 / 1e6;
    let cpu = seconds(usage.user_time()) + seconds(usage.system_time());
    let peak_mb = usage.max_rss() as f64 / 1024.0;
    let code = status.code().unwrap_or(-1);
    fs::write(report, format!("{cpu} {wall} {peak_mb} {code}"))?;
    Ok(code)
}

/// How many files a tree has.
pub(crate) fn files(tree: &Path) -> u64 {
    walk(tree).0
}

/// Counts files and their bytes; what cannot be listed is not there.
fn walk(folder: &Path) -> (u64, u64) {
    let (mut files, mut bytes) = (0, 0);
    let Ok(entries) = fs::read_dir(folder) else { return (0, 0) };
    for entry in entries.flatten() {
        let Ok(data) = entry.metadata() else { continue };
        if data.is_dir() {
            let (more_files, more_bytes) = walk(&entry.path());
            files += more_files;
            bytes += more_bytes;
        } else if data.is_file() {
            files += 1;
            bytes += data.len();
        }
    }
    (files, bytes)
}

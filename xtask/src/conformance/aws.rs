//! The collector for AWS against moto, by the built program alone: everything is found, with the printed policy and no more,
//! after a kill and in a storm, too; with one action less exactly one scope is denied and nothing goes.
//!
//! What takes time is the pace that the manifest keeps to, not the emulator: the scans of the large account run side by side.

mod key;

use super::connected::{Connected, NAME, Scanned};
use super::fresh;
use crate::rigs::{MOTO, Recipe, Server};
use crate::tally::Tally;
use crate::workspace::{Workspace, capture, say};
use anyhow::{Context, Result, bail};
use key::Key;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

/// How many of everything are in the account whose policies are enforced, in the one that is scanned in many ways, and in
/// the one of `--full`.
const SMALL: u32 = 40;
const LARGE: u32 = 200;
const HUGE: u32 = 1_000;

/// Actions that are taken away, each from a user of its own, and the scope that needs it. They cover the four protocols of
/// AWS, listings and what describes one object. moto enforces them all, but neither conditions nor boundaries.
const TAKEN: &[(&str, &str)] = &[
    ("sagemaker:ListEndpoints", "/us-east-1/sagemaker"),
    ("ecs:DescribeTaskDefinition", "/us-east-1/ecs"),
    ("lambda:GetPolicy", "/us-east-1/lambda"),
    ("bedrock:ListAgents", "/us-east-1/bedrock"),
    ("iam:GetAccountAuthorizationDetails", "/global/iam"),
    ("s3:ListAllMyBuckets", "/global/s3"),
];

/// Three of ten answers ask to wait, one of twenty fails.
const STORM: &str = "throttle=0.3,error=0.05";

/// What a storm may cost: three tries for two calls, and the pauses between them.
const STORM_COSTS: f64 = 2.5;

/// What the services beside a throttled one may take longer: the proxy in front of the emulator has its price.
const BESIDE: (f64, Duration) = (1.3, Duration::from_secs(15));

/// Stands before the emulator and refuses what its rules say.
const FRONT: Recipe<'_> = Recipe {
    name: "microburst",
    title: "microburst, a proxy that throttles",
    installed: "microburst",
    packages: &["microburst==0.10.0"],
    program: "microburst",
    ready: "/_microburst/rules",
    seed: None,
    ..MOTO
};

/// What was checked, and how it went; in words what was seen.
type Checks = Vec<(String, Result<String>)>;

pub(super) fn check(workspace: &Workspace, program: &Path, shared: &Path, is_full: bool, tally: &mut Tally) {
    say("AWS");
    let bench = match Bench::new(workspace, program, shared) {
        Ok(bench) => bench,
        Err(error) => return tally.skip("AWS against an emulator", &format!("{error:#}")),
    };
    let checks = thread::scope(|scope| {
        let parts = [
            scope.spawn(|| bench.enforced()),
            scope.spawn(|| bench.large()),
            scope.spawn(|| if is_full { bench.huge() } else { Ok(vec![]) }),
        ];
        parts.map(|part| part.join().unwrap_or_else(|_| bail!("a check panicked")))
    });
    for part in checks {
        match part {
            Ok(checks) => {
                for (what, outcome) in checks {
                    match outcome {
                        Ok(seen) => tally.note(&format!("{what}\n         {seen}"), Ok(())),
                        Err(error) => tally.note(&what, Err(error)),
                    }
                }
            }
            Err(error) => tally.note("an emulated account", Err(error)),
        }
    }
    if !is_full {
        tally.skip(&format!("n = {HUGE}"), "it takes a quarter of an hour: `cargo xtask conformance --full`");
    }
}

struct Bench<'a> {
    workspace: &'a Workspace,
    program: &'a Path,
    scripts: PathBuf,
    folder: PathBuf,
    /// With moto and boto3.
    python: PathBuf,
}

impl<'a> Bench<'a> {
    /// Everything that has to be installed is, before anything starts.
    fn new(workspace: &'a Workspace, program: &'a Path, shared: &Path) -> Result<Self> {
        FRONT.install(workspace)?;
        Ok(Self {
            workspace,
            program,
            scripts: shared.join("rigs"),
            folder: fresh(&workspace.target.join("conformance/aws"))?,
            python: MOTO.install(workspace)?.join("bin/python"),
        })
    }

    fn server(&self, name: &str, recipe: &Recipe<'_>) -> Result<Server> {
        let environment = recipe.install(self.workspace)?;
        Server::start(recipe, &environment, &fresh(&self.folder.join(name))?)
    }

    /// An emulator with so many of everything.
    fn seeded(&self, recipe: &Recipe<'_>, n: u32) -> Result<(Server, Key)> {
        let server = self.server(&format!("moto-{n}"), recipe)?;
        let file = self.folder.join(format!("expected-{n}.json"));
        let mut seed = self.workspace.command(&self.python);
        seed.arg(self.scripts.join("seed_aws.py")).args(["--endpoint", &server.address]);
        capture(seed.args(["--n", &n.to_string()]).arg("--out").arg(&file))?;
        Ok((server, Key::read(&file)?))
    }

    /// The account at an emulator, connected. The emulator offers every region; the seed is in one.
    fn connected(&self, name: &str, address: &str, id: &str, secret: &str) -> Result<Connected<'a>> {
        let source = Connected {
            workspace: self.workspace,
            program: self.program,
            data: fresh(&self.folder.join(name))?,
            environment: credential(id, secret),
        };
        let more = ["--credential", "aws=env:AWS", "--setting", "regions=us-east-1", "--budget", "time=1h"];
        source.add("aws", address, &more)?;
        Ok(source)
    }

    /// With only the printed policy: complete. Without any one action: its scope is denied, with the fix.
    fn enforced(&self) -> Result<Checks> {
        let script = self.scripts.join("moto_iam_server.py").display().to_string();
        let arguments = [&script, "127.0.0.1", "PORT"];
        let recipe = Recipe { program: "python", arguments: &arguments, ..MOTO };
        let (server, key) = self.seeded(&recipe, SMALL)?;
        let nobody = self.connected("policies", &server.address, "testing", "testing")?;
        let policy = self.folder.join("policy.json");
        fs::write(&policy, nobody.policy("aws")?)?;
        let mut users = self.workspace.command(&self.python);
        users.arg(self.workspace.root.join("tests/seeds/aws_users.py")).arg(&server.address).arg(&policy);
        let users: Value =
            serde_json::from_str(&capture(users.args(TAKEN.iter().map(|(action, _)| action)))?)?;
        let key_of = |user: &str, part: &str| users[user][part].as_str().unwrap_or_default().to_owned();

        let all = self.connected(
            "printed-policy",
            &server.address,
            &key_of("all", "id"),
            &key_of("all", "secret"),
        )?;
        let mut checks = vec![(
            format!(
                "n = {SMALL}: with the printed policy and no other right everything is found, nothing else"
            ),
            scanned(&all, &[]).and_then(|(scan, _)| key.judge(&scan.stdout)),
        )];
        let before = all.uids()?;
        let without = thread::scope(|scope| {
            let taken = TAKEN.iter().map(|(action, denied)| {
                let user = credential(&key_of(action, "id"), &key_of(action, "secret"));
                let source = Connected { environment: user, ..all.clone() };
                let before = &before;
                scope.spawn(move || {
                    let source = self.beside(source, &action.replace(':', "."))?;
                    source.only_denied(denied, action, before)?;
                    fixes(&source, action)
                })
            });
            let running: Vec<_> = taken.collect();
            let ended = running.into_iter().map(|part| part.join().unwrap_or_else(|_| bail!("it panicked")));
            ended.collect::<Vec<Result<()>>>()
        });
        checks.extend(TAKEN.iter().zip(without).map(|((action, denied), outcome)| {
            let what = format!("without {action} only {denied} is denied, with the fix, and nothing goes");
            (what, outcome.map(|()| format!("{} assets stay", before.len())))
        }));
        Ok(checks)
    }

    /// The same source in a data folder of its own.
    fn beside(&self, source: Connected<'a>, name: &str) -> Result<Connected<'a>> {
        let data = fresh(&self.folder.join(name))?;
        for entry in fs::read_dir(&source.data)?.flatten().filter(|entry| entry.path().is_file()) {
            fs::copy(entry.path(), data.join(entry.file_name()))?;
        }
        Ok(Connected { data, ..source })
    }

    /// One account in four ways at once: as it is, after a kill, in a storm, and with one service throttled.
    fn large(&self) -> Result<Checks> {
        let (server, key) = self.seeded(&MOTO, LARGE)?;
        let front = self.front(&server.address)?;
        let at = |name: &str, address: &str| self.connected(name, address, "testing", "testing");
        let (calm, storm, killed) =
            (at("calm", &server.address)?, at("storm", &server.address)?, at("killed", &server.address)?);
        let throttled = at("throttled", &front.address)?;
        let (undisturbed, in_storm, resumed, beside) = thread::scope(|scope| {
            let parts = [
                scope.spawn(|| scanned(&calm, &[])),
                scope.spawn(|| scanned(&storm, &["--fault", STORM])),
                scope.spawn(|| scanned(&throttled, &[])),
            ];
            let resumed = self.killed(&killed);
            let [calm, storm, throttled] =
                parts.map(|part| part.join().unwrap_or_else(|_| bail!("a scan panicked")));
            (calm, storm, resumed, throttled)
        });
        let (calm_scan, calm_time) = undisturbed?;
        let calm_calls = Calls::of(&calm_scan)?;
        let seen = |calls: &Calls, time: Duration| format!("{calls}, {} s", time.as_secs());
        let same = |scan: &Scanned| match scan.stdout == calm_scan.stdout {
            true => Ok(()),
            false => Err(first_difference(&calm_scan.stdout, &scan.stdout)),
        };
        let mut checks = vec![(
            format!("n = {LARGE}: everything is found, nothing else"),
            key.judge(&calm_scan.stdout).map(|found| format!("{found}; {}", seen(&calm_calls, calm_time))),
        )];
        checks.push((
            "killed and started again, it goes on and finds the same with the calls of one run".into(),
            resumed.and_then(|(scan, lost, all)| {
                same(&scan)?;
                let most = calm_calls.all + calm_calls.all / 10;
                if all > most {
                    bail!("{all} calls where an undisturbed run takes {}", calm_calls.all);
                }
                Ok(format!("{all} calls, of which {lost} for slices that the kill cut off; an undisturbed run takes {}", calm_calls.all))
            }),
        ));
        checks.push((
            format!("with {STORM} the same is found"),
            in_storm.and_then(|(scan, time)| {
                same(&scan)?;
                let calls = Calls::of(&scan)?;
                if calls.again * 4 < calm_calls.all || calls.throttled == 0 {
                    bail!("this was no storm: {calls}");
                }
                let factor = time.as_secs_f64() / calm_time.as_secs_f64();
                if factor > STORM_COSTS {
                    bail!("it took {factor:.1} times as long: {}", seen(&calls, time));
                }
                Ok(format!("{}; {factor:.1} times a clean run", seen(&calls, time)))
            }),
        ));
        checks.push((
            "a front throttles SageMaker alone: the same is found, and no other service is slower".into(),
            beside.and_then(|(scan, time)| {
                same(&scan)?;
                let calls = Calls::of(&scan)?;
                if calls.throttled == 0 {
                    bail!("nothing was throttled: {calls}");
                }
                let slower = slower(&times(&calm)?, &times(&throttled)?);
                if !slower.is_empty() {
                    bail!("slower are {}", slower.join(", "));
                }
                Ok(seen(&calls, time))
            }),
        ));
        Ok(checks)
    }

    /// A proxy that refuses three of ten calls of SageMaker in that service's own words.
    fn front(&self, upstream: &str) -> Result<Server> {
        let rules =
            "rules:\n- service: sagemaker\n  probability: 0.3\n  error:\n    code: ThrottlingException\n";
        let arguments =
            ["--upstream", upstream, "--host", "127.0.0.1", "--port", "PORT", "--config", "rules.yaml"];
        self.server("front", &Recipe { arguments: &arguments, files: &[("rules.yaml", rules)], ..FRONT })
    }

    /// Kills a scan after about a third of its calls, and has it go on. The calls that were for nothing, and all.
    fn killed(&self, source: &Connected<'_>) -> Result<(Scanned, u64, u64)> {
        // An account of this seed takes about 26 calls for one of everything.
        let enough = u64::from(LARGE) * 9;
        let mut child = source
            .inventar(&["scan", NAME, "-o", "ndjson"])
            .stdin(Stdio::null())
            .stdout(File::create(self.folder.join("killed.ndjson"))?)
            .stderr(Stdio::piped())
            .spawn()?;
        let lines = BufReader::new(child.stderr.take().context("the scan has no stderr")?).lines();
        // `12 of 16 scopes, 1,204 calls, 1.4 MB, 22 s`: the live counter of the budget.
        let made = lines
            .map_while(Result::ok)
            .find_map(|line| number_before(&line, " calls,").filter(|n| *n >= enough));
        child.kill()?;
        child.wait()?;
        let made = made.context("the scan ended before it could be killed")?;
        let (scan, _) = scanned(source, &[])?;
        // `going on with a collection that was stopped after 1,204 calls with 3 of 16 scopes done`
        let going_on = scan.stderr.lines().find(|line| line.contains("going on with a collection"));
        let kept = going_on.and_then(|line| number_before(line, " calls"));
        let kept = kept.with_context(|| format!("it began anew: {}", scan.stderr.trim()))?;
        let lost = made.saturating_sub(kept);
        let all = Calls::of(&scan)?.all + lost;
        Ok((scan, lost, all))
    }

    fn huge(&self) -> Result<Checks> {
        let begun = Instant::now();
        let (server, key) = self.seeded(&MOTO, HUGE)?;
        let filled = begun.elapsed().as_secs();
        let source = self.connected("huge", &server.address, "testing", "testing")?;
        let found = scanned(&source, &[]).and_then(|(scan, time)| {
            let found = key.judge(&scan.stdout)?;
            Ok(format!("{found}; {}, {} s, filled in {filled} s", Calls::of(&scan)?, time.as_secs()))
        });
        Ok(vec![(format!("n = {HUGE}: everything is found, nothing else"), found)])
    }
}

fn credential(id: &str, secret: &str) -> Vec<(&'static str, String)> {
    vec![("AWS_ACCESS_KEY_ID", id.to_owned()), ("AWS_SECRET_ACCESS_KEY", secret.to_owned())]
}

/// A scan that finds everything, and how long it took.
fn scanned(source: &Connected<'_>, more: &[&str]) -> Result<(Scanned, Duration)> {
    let begun = Instant::now();
    let scan = source.scan(&[&["-o", "ndjson"], more].concat(), true)?;
    Ok((scan, begun.elapsed()))
}

/// The program prints what to add: this action and nothing else.
fn fixes(source: &Connected<'_>, action: &str) -> Result<()> {
    let fix = source.inventar(&["coverage", "--missing", "--fix-policy", "--source", NAME]).output()?;
    let policy: Value = serde_json::from_slice(&fix.stdout).context("the fix is no policy")?;
    let statements = policy["Statement"].as_array().context("the fix has no statement")?;
    match statements.as_slice() {
        [only] if only["Action"] == serde_json::json!([action]) && only["Effect"] == "Allow" => Ok(()),
        _ => bail!("the fix is {policy}"),
    }
}

/// What a scan cost, as it says itself.
struct Calls {
    all: u64,
    again: u64,
    throttled: u64,
}

impl Calls {
    /// Reads `8,499 calls (2,457 again, 1,440 throttled), 9.7 MB.`
    fn of(scan: &Scanned) -> Result<Self> {
        let line = scan.stderr.lines().rev().find(|line| line.contains(" calls") && line.ends_with("B."));
        let line = line.context("the scan does not say what it cost")?;
        let count = |unit: &str| number_before(line, unit);
        let all = count(" calls").with_context(|| format!("no count in `{line}`"))?;
        Ok(Self { all, again: count(" again").unwrap_or(0), throttled: count(" throttled").unwrap_or(0) })
    }
}

impl std::fmt::Display for Calls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} calls, {} of them again, {} throttled", self.all, self.again, self.throttled)
    }
}

/// The number that stands before a unit, its thousands marked by commas.
fn number_before(line: &str, unit: &str) -> Option<u64> {
    let (before, _) = line.split_once(unit)?;
    let digits = before.rsplit(|c: char| !c.is_ascii_digit() && c != ',').next()?;
    digits.replace(',', "").parse().ok()
}

fn first_difference(one: &str, other: &str) -> anyhow::Error {
    let short = |line: &str| line.chars().take(200).collect::<String>();
    let (mut ones, mut others) = (one.lines(), other.lines());
    loop {
        match (ones.next(), others.next()) {
            (Some(one), Some(other)) if one == other => {}
            (one, other) => {
                let end = "the end";
                return anyhow::anyhow!(
                    "the records differ: {} instead of {}",
                    short(other.unwrap_or(end)),
                    short(one.unwrap_or(end))
                );
            }
        }
    }
}

/// How long each scope of the last run took, by its service.
fn times(source: &Connected<'_>) -> Result<BTreeMap<String, Duration>> {
    let plan: Value = serde_json::from_str(&capture(&mut source.inventar(&["plan", NAME, "-o", "json"]))?)?;
    let rows = plan["scopes"].as_array().context("the plan has no scopes")?;
    let time = |row: &Value| {
        let service = row["scope"].as_str()?.rsplit('/').next()?.to_owned();
        Some((service, Duration::from_millis(row["millis"].as_u64()?)))
    };
    Ok(rows.iter().filter_map(time).collect())
}

/// Services beside SageMaker that took longer.
fn slower(calm: &BTreeMap<String, Duration>, other: &BTreeMap<String, Duration>) -> Vec<String> {
    let (factor, more) = BESIDE;
    let is_slower = |(service, time): &(&String, &Duration)| {
        let before = calm.get(*service).copied().unwrap_or_default();
        service.as_str() != "sagemaker" && **time > before.mul_f64(factor) + more
    };
    let words = |(service, time): (&String, &Duration)| {
        let before = calm.get(service).copied().unwrap_or_default();
        format!("{service} ({} s instead of {} s)", time.as_secs(), before.as_secs())
    };
    other.iter().filter(is_slower).map(words).collect()
}

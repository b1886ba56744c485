//! A command line to the thing it starts: a registry package, an image, a module, another server's address.

/// What a command starts, as far as the command says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Launch {
    /// A package, and what was said of its version.
    pub package: Option<Package>,
    /// A Python module run with `-m`.
    pub module: Option<String>,
    /// The address behind a bridge such as `mcp-remote`.
    pub url: Option<String>,
    /// The server's name in the registry of a launcher such as Smithery.
    pub registered: Option<String>,
    /// Variables that a container gets from outside, and those set on the command line.
    pub variables: Vec<String>,
}

/// A package or image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// "purl" or "oci".
    pub scheme: &'static str,
    /// Without a version.
    pub id: String,
    /// As written.
    pub version: Option<Pin>,
}

/// What a command says of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pin {
    /// This one.
    Exact(String),
    /// One of these.
    Range(String),
    /// Whatever this name means when it starts.
    Floating(String),
}

impl Launch {
    /// Reads a command and its arguments.
    pub fn of(command: &str, args: &[String]) -> Self {
        let mut argv = if args.is_empty() { words(command) } else { vec![command.to_owned()] };
        argv.extend(args.iter().cloned());
        let mut launch = Self::default();
        let argv = unwrapped(argv, &mut launch.variables);
        let Some((program, rest)) = argv.split_first() else { return launch };
        let program = program_name(program);
        let first = rest.first().map(String::as_str).unwrap_or_default();
        match (program.as_str(), first) {
            ("npx" | "bunx" | "pnpx", _) => launch.npm(rest),
            ("npm", "exec" | "x") | ("pnpm" | "yarn", "dlx") | ("bun", "x") => launch.npm(&rest[1..]),
            ("uvx", _) => launch.pypi(rest),
            ("uv", "tool") if rest.get(1).is_some_and(|word| word == "run") => launch.pypi(&rest[2..]),
            ("pipx", "run") => launch.pypi(&rest[1..]),
            ("docker" | "podman" | "nerdctl", "run") => launch.image(&rest[1..]),
            ("docker" | "podman" | "nerdctl", "container")
                if rest.get(1).is_some_and(|word| word == "run") =>
            {
                launch.image(&rest[2..]);
            }
            ("deno", "run") => launch.deno(&rest[1..]),
            ("go", "run") => launch.go(&rest[1..]),
            ("dnx", _) => launch.nuget(rest),
            _ if program.starts_with("python")
                || program == "py"
                || (program.as_str(), first) == ("uv", "run") =>
            {
                launch.module = after(rest, "-m");
            }
            _ => {}
        }
        launch
    }

    fn npm(&mut self, args: &[String]) {
        let with_value =
            ["--registry", "--cache", "--userconfig", "-c", "--call", "-w", "--workspace", "--loglevel"];
        let named = named(args, &["-p", "--package"]);
        let (position, positional) =
            first_positional(args, &[&with_value[..], &["-p", "--package"]].concat());
        let Some(spec) = named.or(positional) else { return };
        let rest = args.get(position + 1..).unwrap_or_default();
        let package = npm_package(&spec);
        let name = spec_name(&spec);
        match name {
            "mcp-remote" | "@modelcontextprotocol/mcp-remote" | "supergateway" | "mcp-proxy" => {
                self.url = rest.iter().find(|arg| is_url(arg)).cloned();
            }
            "@smithery/cli" => {
                self.registered =
                    rest.iter().position(|arg| arg == "run").and_then(|at| rest.get(at + 1)).cloned();
            }
            _ => {}
        }
        if self.url.is_none() && self.registered.is_none() {
            self.package = package;
        }
    }

    fn pypi(&mut self, args: &[String]) {
        let with_value = [
            "--with",
            "--with-editable",
            "--with-requirements",
            "--python",
            "-p",
            "--index-url",
            "--extra-index-url",
            "--index",
            "-i",
            "--default-index",
            "--directory",
            "--project",
            "--refresh-package",
            "--env-file",
            "--cache-dir",
            "--config-file",
            "--pip-args",
        ];
        let named = named(args, &["--from", "--spec"]);
        let (position, positional) =
            first_positional(args, &[&with_value[..], &["--from", "--spec"]].concat());
        let Some(spec) = named.or(positional) else { return };
        if spec_name(&spec) == "mcp-proxy" {
            self.url = args.get(position + 1..).unwrap_or_default().iter().find(|arg| is_url(arg)).cloned();
        }
        if self.url.is_none() {
            self.package = pypi_package(&spec);
        }
    }

    fn image(&mut self, args: &[String]) {
        let with_value = [
            "-e",
            "--env",
            "--env-file",
            "-v",
            "--volume",
            "--mount",
            "--name",
            "--network",
            "--net",
            "-p",
            "--publish",
            "-w",
            "--workdir",
            "-u",
            "--user",
            "--entrypoint",
            "--add-host",
            "--label",
            "-l",
            "--platform",
            "--cpus",
            "-m",
            "--memory",
            "--pull",
            "--restart",
            "--runtime",
            "--gpus",
            "--device",
            "--dns",
            "--hostname",
            "-h",
            "--ip",
            "--link",
            "--log-driver",
            "--log-opt",
            "--security-opt",
            "--shm-size",
            "--tmpfs",
            "--ulimit",
            "--cap-add",
            "--cap-drop",
            "--secret",
            "--expose",
            "--group-add",
            "--cidfile",
            "--pid",
            "--ipc",
            "--userns",
        ];
        for (at, arg) in args.iter().enumerate() {
            let value = match arg.as_str() {
                "-e" | "--env" => args.get(at + 1).map(String::as_str),
                _ => arg.strip_prefix("--env="),
            };
            if let Some(value) = value {
                self.variables.push(value.split('=').next().unwrap_or_default().to_owned());
            }
        }
        self.package = first_positional(args, &with_value).1.and_then(|image| image_package(&image));
    }

    fn deno(&mut self, args: &[String]) {
        let target =
            first_positional(args, &["--config", "-c", "--import-map", "--lock", "--cert", "--env-file"]).1;
        let Some(target) = target else { return };
        if let Some(spec) = target.strip_prefix("npm:") {
            self.package = npm_package(spec.trim_start_matches('/'));
        }
    }

    fn go(&mut self, args: &[String]) {
        let Some(target) = first_positional(args, &["-mod", "-tags", "-ldflags", "-C"]).1 else { return };
        let (path, version) = target.split_once('@').map_or((target.as_str(), None), |(p, v)| (p, Some(v)));
        let is_module =
            path.split('/').next().is_some_and(|host| host.contains('.')) && !path.starts_with('.');
        if is_module {
            let version = version.map(|version| match version.strip_prefix('v') {
                Some(number) if is_full_version(number) => Pin::Exact(version.to_owned()),
                _ => Pin::Floating(version.to_owned()),
            });
            self.package = Some(Package { scheme: "purl", id: format!("pkg:golang/{path}"), version });
        }
    }

    fn nuget(&mut self, args: &[String]) {
        let Some(spec) =
            first_positional(args, &["--source", "--add-source", "--configfile", "--framework"]).1
        else {
            return;
        };
        let (name, version) =
            spec.split_once('@').map_or((spec.as_str(), None), |(n, v)| (n, Some(v.to_owned())));
        let version = version.or_else(|| after(args, "--version"));
        if is_plain_name(name) {
            let version = version.map(|v| if is_full_version(&v) { Pin::Exact(v) } else { Pin::Floating(v) });
            self.package = Some(Package { scheme: "purl", id: format!("pkg:nuget/{name}"), version });
        }
    }
}

/// `npx` of `C:\nodejs\npx.cmd`.
fn program_name(program: &str) -> String {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program).to_ascii_lowercase();
    for ending in [".exe", ".cmd", ".bat", ".ps1"] {
        if let Some(stem) = name.strip_suffix(ending) {
            return stem.to_owned();
        }
    }
    name
}

/// Without the shells, `env` and launchers around the real command; at most a few, for nobody nests more.
fn unwrapped(mut argv: Vec<String>, variables: &mut Vec<String>) -> Vec<String> {
    for _ in 0..4 {
        let Some(program) = argv.first().map(|program| program_name(program)) else { break };
        let flag = argv.get(1).map(|flag| flag.to_ascii_lowercase()).unwrap_or_default();
        match (program.as_str(), flag.as_str()) {
            ("cmd", "/c" | "/k") => drop(argv.drain(..2)),
            ("sh" | "bash" | "zsh" | "fish", "-c" | "-lc" | "-ic" | "-l")
            | ("powershell" | "pwsh", "-command" | "-c") => {
                argv = argv.get(2..).unwrap_or_default().to_vec();
                if argv.len() == 1 || matches!(argv.first(), Some(first) if first.contains(' ')) {
                    argv = words(&argv[0]);
                }
            }
            ("env" | "cross-env", _) => {
                argv.remove(0);
                while argv.first().is_some_and(|arg| arg.contains('=') || arg.starts_with('-')) {
                    let arg = argv.remove(0);
                    if let Some((name, _)) = arg.split_once('=').filter(|(name, _)| !name.starts_with('-')) {
                        variables.push(name.to_owned());
                    }
                }
            }
            ("sudo" | "exec" | "nohup" | "wsl", _) => drop(argv.remove(0)),
            _ => break,
        }
    }
    argv
}

/// A line cut at spaces outside quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![];
    let (mut word, mut quote, mut is_open) = (String::new(), None, false);
    for c in line.chars() {
        match (c, quote) {
            (c, Some(q)) if c == q => quote = None,
            (c, Some(_)) => word.push(c),
            ('"' | '\'', None) => (quote, is_open) = (Some(c), true),
            (c, None) if c.is_whitespace() => {
                if is_open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                is_open = false;
            }
            (c, None) => word.push(c),
        }
    }
    if is_open || !word.is_empty() {
        words.push(word);
    }
    words
}

/// The value of an option, `-p x` or `--package=x`.
fn named(args: &[String], names: &[&str]) -> Option<String> {
    args.iter().enumerate().find_map(|(at, arg)| {
        if names.contains(&arg.as_str()) {
            return args.get(at + 1).cloned();
        }
        let (name, value) = arg.split_once('=')?;
        names.contains(&name).then(|| value.to_owned())
    })
}

/// The first argument that is neither an option nor an option's value, and its index.
fn first_positional(args: &[String], with_value: &[&str]) -> (usize, Option<String>) {
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        if arg == "--" {
            return (at + 1, args.get(at + 1).cloned());
        }
        if !arg.starts_with('-') {
            return (at, Some(arg.clone()));
        }
        at += if with_value.contains(&arg.as_str()) { 2 } else { 1 };
    }
    (args.len(), None)
}

fn after(args: &[String], flag: &str) -> Option<String> {
    args.iter().position(|arg| arg == flag).and_then(|at| args.get(at + 1)).cloned()
}

fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// `@scope/name` of `@scope/name@1.2`, `name` of `name==1` and `name[extra]`.
fn spec_name(spec: &str) -> &str {
    let end =
        spec.char_indices().skip(1).find(|(_, c)| "@=[<>~!".contains(*c)).map_or(spec.len(), |(at, _)| at);
    &spec[..end]
}

fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// `1.2.3`, with what may follow; not `1`, `1.2`, `latest`.
fn is_full_version(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    core.split('.').count() >= 3
        && core.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

fn npm_package(spec: &str) -> Option<Package> {
    if let Some(package) = github(spec) {
        return Some(package);
    }
    let name = spec_name(spec);
    let version = spec[name.len()..].strip_prefix('@').filter(|version| !version.is_empty());
    let id = match name.strip_prefix('@').and_then(|rest| rest.split_once('/')) {
        Some((scope, bare)) if is_plain_name(scope) && is_plain_name(bare) => {
            format!("pkg:npm/%40{}/{}", scope.to_ascii_lowercase(), bare.to_ascii_lowercase())
        }
        None if is_plain_name(name) => format!("pkg:npm/{}", name.to_ascii_lowercase()),
        _ => return None,
    };
    let version = version.map(|version| match version {
        _ if is_full_version(version) => Pin::Exact(version.to_owned()),
        _ if version.starts_with(|c: char| c.is_ascii_digit() || "^~<>=*xX".contains(c)) => {
            Pin::Range(version.to_owned())
        }
        _ => Pin::Floating(version.to_owned()),
    });
    Some(Package { scheme: "purl", id, version })
}

fn pypi_package(spec: &str) -> Option<Package> {
    // `name @ git+https://…`
    let spec = spec.split_once(" @ ").map_or(spec, |(_, url)| url);
    if let Some(package) = github(spec) {
        return Some(package);
    }
    let name = spec_name(spec);
    if !is_plain_name(name) {
        return None;
    }
    let rest = spec[name.len()..].trim_start();
    let rest = if rest.starts_with('[') { rest.split_once(']').map_or("", |(_, rest)| rest) } else { rest };
    let version = match rest {
        "" => None,
        _ => Some(match rest.strip_prefix("==").or_else(|| rest.strip_prefix('@')) {
            Some(exact) if exact.starts_with(|c: char| c.is_ascii_digit()) && !exact.contains(['*', ',']) => {
                Pin::Exact(exact.to_owned())
            }
            Some(name) if rest.starts_with('@') => Pin::Floating(name.to_owned()),
            _ => Pin::Range(rest.to_owned()),
        }),
    };
    // PEP 503.
    let mut id = String::new();
    for c in name.to_ascii_lowercase().chars() {
        let c = if matches!(c, '_' | '.') { '-' } else { c };
        if !(c == '-' && id.ends_with('-')) {
            id.push(c);
        }
    }
    Some(Package { scheme: "purl", id: format!("pkg:pypi/{id}"), version })
}

/// `github:org/repo`, `git+https://github.com/org/repo.git@ref`, `org/repo` as npm reads it.
fn github(spec: &str) -> Option<Package> {
    let path = match spec.split_once("github.com") {
        Some((before, path)) if before.contains("//") || before.ends_with('@') => {
            path.trim_start_matches(['/', ':'])
        }
        _ => spec.strip_prefix("github:")?,
    };
    let (path, reference) = match path.find(['@', '#']) {
        Some(at) => (&path[..at], Some(path[at + 1..].split('&').next().unwrap_or_default())),
        None => (path, None),
    };
    let mut parts = path.split('/');
    let (org, repo) = (parts.next()?, parts.next()?);
    let repo = repo.strip_suffix(".git").unwrap_or(repo);
    if !is_plain_name(org) || !is_plain_name(repo) {
        return None;
    }
    let version = reference.filter(|reference| !reference.is_empty()).map(|reference| {
        let is_commit = reference.len() == 40 && reference.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_commit { Pin::Exact(reference.to_owned()) } else { Pin::Floating(reference.to_owned()) }
    });
    let id = format!("pkg:github/{}/{}", org.to_ascii_lowercase(), repo.to_ascii_lowercase());
    Some(Package { scheme: "purl", id, version })
}

/// An image reference in full, as registries resolve it.
fn image_package(image: &str) -> Option<Package> {
    let (rest, digest) = image.split_once('@').map_or((image, None), |(rest, digest)| (rest, Some(digest)));
    let slash = rest.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match rest[slash..].find(':') {
        Some(colon) => (&rest[..slash + colon], Some(&rest[slash + colon + 1..])),
        None => (rest, None),
    };
    let is_name = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_./:".contains(&b))
    };
    if !is_name(name) {
        return None;
    }
    let host = name.split('/').next().unwrap_or_default();
    let has_host = name.contains('/') && (host.contains(['.', ':']) || host == "localhost");
    let id = match (has_host, name.contains('/')) {
        (true, _) => name.to_owned(),
        (false, true) => format!("docker.io/{name}"),
        (false, false) => format!("docker.io/library/{name}"),
    };
    let version = match (digest, tag) {
        (Some(digest), _) => Some(Pin::Exact(digest.to_owned())),
        // A tag can be moved, but whoever writes a full version means that one.
        (None, Some(tag)) if is_full_version(tag.strip_prefix('v').unwrap_or(tag)) => {
            Some(Pin::Exact(tag.to_owned()))
        }
        (None, Some(tag)) => Some(Pin::Floating(tag.to_owned())),
        (None, None) => None,
    };
    Some(Package { scheme: "oci", id, version })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn launch(line: &str) -> Launch {
        let argv = words(line);
        Launch::of(&argv[0], &argv[1..])
    }

    fn check(line: &str, id: &str, version: Option<Pin>) {
        let package = launch(line).package.map(|package| (package.id, package.version));
        assert_eq!(package, Some((id.to_owned(), version)), "{line}");
    }

    fn exact(text: &str) -> Option<Pin> {
        Some(Pin::Exact(text.to_owned()))
    }
    fn range(text: &str) -> Option<Pin> {
        Some(Pin::Range(text.to_owned()))
    }
    fn floating(text: &str) -> Option<Pin> {
        Some(Pin::Floating(text.to_owned()))
    }

    #[test]
    fn packages() {
        check(
            "npx -y @modelcontextprotocol/server-github",
            "pkg:npm/%40modelcontextprotocol/server-github",
            None,
        );
        check("npx -y @scope/Name@1.2.3 --flag x", "pkg:npm/%40scope/name", exact("1.2.3"));
        check("npx --yes pkg@latest", "pkg:npm/pkg", floating("latest"));
        check("npx pkg@^1", "pkg:npm/pkg", range("^1"));
        check("npx pkg@1", "pkg:npm/pkg", range("1"));
        check("npx -y -p @a/b@2.0.0 run-it", "pkg:npm/%40a/b", exact("2.0.0"));
        check("npx --package=@a/b run-it", "pkg:npm/%40a/b", None);
        check("npx --registry https://r/ -- pkg", "pkg:npm/pkg", None);
        check("cmd /c npx -y pkg", "pkg:npm/pkg", None);
        check("C:\\node\\npx.cmd pkg", "pkg:npm/pkg", None);
        check("sh -c 'npx -y pkg@1.0.0 2>/dev/null'", "pkg:npm/pkg", exact("1.0.0"));
        check("env A=1 B=2 npx pkg", "pkg:npm/pkg", None);
        check("pnpm dlx pkg", "pkg:npm/pkg", None);
        check("bun x pkg", "pkg:npm/pkg", None);
        check("npm exec -- pkg", "pkg:npm/pkg", None);
        check("npx github:Org/Repo", "pkg:github/org/repo", None);
        check("deno run -A npm:@a/b@1.0.0 x", "pkg:npm/%40a/b", exact("1.0.0"));
        check("uvx mcp-server-git", "pkg:pypi/mcp-server-git", None);
        check("uvx --from My_Pkg==1.0 my-cmd", "pkg:pypi/my-pkg", exact("1.0"));
        check("uvx pkg@latest", "pkg:pypi/pkg", floating("latest"));
        check("uvx pkg@0.4.1", "pkg:pypi/pkg", exact("0.4.1"));
        check("uvx --python 3.12 'pkg[http]>=2'", "pkg:pypi/pkg", range(">=2"));
        check("uvx --from git+https://github.com/Org/Repo@main cmd", "pkg:github/org/repo", floating("main"));
        check("uv tool run pkg", "pkg:pypi/pkg", None);
        check("pipx run --spec pkg==1.0.0 cmd", "pkg:pypi/pkg", exact("1.0.0"));
        check(
            "docker run -i --rm -e GITHUB_TOKEN ghcr.io/github/github-mcp-server",
            "ghcr.io/github/github-mcp-server",
            None,
        );
        check(
            "docker run -i --rm --mount type=bind,src=/a,dst=/b mcp/filesystem:latest /b",
            "docker.io/mcp/filesystem",
            floating("latest"),
        );
        check("podman run --name=x -it mcp/x:v1.2.3", "docker.io/mcp/x", exact("v1.2.3"));
        check("docker run localhost:5000/x@sha256:ab", "localhost:5000/x", exact("sha256:ab"));
        check("go run github.com/a/b/cmd@v1.2.3", "pkg:golang/github.com/a/b/cmd", exact("v1.2.3"));
        check("dnx Some.Server@1.0.0 --yes", "pkg:nuget/Some.Server", exact("1.0.0"));
    }

    #[test]
    fn no_package() {
        for line in [
            "node ./dist/index.js",
            "npx ./local",
            "npx -y",
            "uv run server.py",
            "uvx ./x",
            "docker compose up",
            "docker run",
            "python server.py",
            "npx -y ${PKG}",
            "docker run -e X",
            "go run ./cmd",
        ] {
            assert_eq!(launch(line).package, None, "{line}");
        }
    }

    #[test]
    fn behind_the_command() {
        assert_eq!(
            launch("npx -y mcp-remote@latest https://h/sse --header x").url.as_deref(),
            Some("https://h/sse")
        );
        assert_eq!(launch("npx mcp-remote https://h/sse").package, None);
        assert_eq!(launch("uvx mcp-proxy https://h/sse").url.as_deref(), Some("https://h/sse"));
        assert_eq!(
            launch("npx -y @smithery/cli@latest run @a/b --key x").registered.as_deref(),
            Some("@a/b")
        );
        assert_eq!(launch("python3 -u -m mcp_server_fetch").module.as_deref(), Some("mcp_server_fetch"));
        assert_eq!(launch("docker run -e A -e B=1 --env=C x/y").variables, ["A", "B", "C"]);
        assert_eq!(
            Launch::of("npx -y pkg", &[]).package.map(|package| package.id).as_deref(),
            Some("pkg:npm/pkg")
        );
    }

    proptest! {
        #[test]
        fn nothing_panics(
            program in "(npx|uvx|docker|sh|cmd|env|go|deno|python|npm|uv|dnx)",
            args in proptest::collection::vec("(run|-c|-e|-p|--|exec|[@=:/a-zé.\\[\\]#-]{0,12})", 0..6),
        ) {
            Launch::of(&program, &args);
        }
    }
}

//! Trees and disks as they are, not as they should be: a gap or a message, nothing lost, nothing half-written.

use inventar_stories::{Ended, Workbench};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

fn run(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn is_root() -> bool {
    fs::read_to_string("/proc/self/status").unwrap().lines().any(|line| line.starts_with("Uid:\t0\t"))
}

/// A scan by somebody who may not read everything: root becomes nobody first.
fn scan_as_nobody(bench: &Workbench, args: &[&str]) -> Ended {
    let scan = bench.scan_command(args);
    if !is_root() {
        return bench.end(scan);
    }
    // The program may lie in a folder that nobody can enter.
    let program = bench.path("inventar");
    if !program.exists() {
        fs::copy(scan.get_program(), &program).unwrap();
    }
    allow(&bench.path(""), 0o755);
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program).args(scan.get_args());
    command.current_dir(bench.path("")).env_clear();
    command.envs(scan.get_envs().filter_map(|(name, value)| Some((name, value?))));
    bench.end(command)
}

#[test]
fn a_file_that_may_not_be_read_is_a_gap() {
    let bench = Workbench::new();
    bench.write("open.py", "import openai\n");
    bench.write("shut.py", "import anthropic\n");
    bench.write("closed/inner.py", "import cohere\n");
    allow(&bench.tree().join("shut.py"), 0);
    allow(&bench.tree().join("closed"), 0);
    fs::create_dir(bench.data()).unwrap();
    allow(&bench.data(), 0o777);
    allow(&bench.path("home"), 0o777);
    let scan = scan_as_nobody(&bench, &["-o", "ndjson"]);
    allow(&bench.tree().join("closed"), 0o755);
    let scan = scan.expect(3);
    assert!(scan.has_asset("sdk", "openai"), "{scan}");
    let gaps = scan.gaps();
    assert!(gaps.contains(&"shut.py access-denied".to_owned()), "{scan}");
    assert!(gaps.iter().any(|gap| gap.starts_with("closed") && gap.ends_with("access-denied")), "{scan}");
}

#[test]
fn a_data_folder_that_cannot_be_written_keeps_nothing_but_shows_everything() {
    let bench = Workbench::new();
    bench.write("open.py", "import openai\n");
    fs::create_dir(bench.data()).unwrap();
    allow(&bench.data(), 0o555);
    allow(&bench.path("home"), 0o777);
    let scan = scan_as_nobody(&bench, &["-o", "ndjson"]).expect(5).says(&["data", "hint"]);
    assert!(scan.has_asset("sdk", "openai"), "{scan}");
    assert_eq!(fs::read_dir(bench.data()).unwrap().count(), 0);
}

#[test]
fn links_pipes_and_devices() {
    let bench = Workbench::new();
    bench.write("app.py", "import openai\n");
    bench.write("deep/er/app.py", "import anthropic\n");
    fs::write(bench.path("outside.py"), "import cohere\n").unwrap();
    let tree = bench.tree();
    symlink("../..", tree.join("deep/er/up")).unwrap();
    symlink("circle-b", tree.join("circle-a")).unwrap();
    symlink("circle-a", tree.join("circle-b")).unwrap();
    symlink(bench.path("outside.py"), tree.join("outside.py")).unwrap();
    symlink("/etc/passwd", tree.join("requirements.txt")).unwrap();
    symlink("nowhere.py", tree.join("dangling.py")).unwrap();
    assert!(run("mkfifo", &[tree.join("pipe.py").to_str().unwrap()]));
    if is_root() {
        // /dev/zero: it would never end. Not every container lets its root do this.
        run("mknod", &[tree.join("device.py").to_str().unwrap(), "c", "1", "5"]);
    }
    let scan = bench.scan(["-o", "ndjson"]).expect(0);
    assert!(scan.has_asset("sdk", "openai") && scan.has_asset("sdk", "anthropic"), "{scan}");
    assert!(!scan.stdout.contains("cohere") && !scan.stdout.contains("root:"), "{scan}");
    let rules: Vec<String> =
        scan.of_sort("left-out").iter().map(|left| left["rule"].as_str().unwrap().to_owned()).collect();
    assert!(
        rules.contains(&"symbolic-link".to_owned()) && rules.contains(&"special-file".to_owned()),
        "{scan}"
    );
}

#[test]
fn malformed_manifests_and_models() {
    let bench = Workbench::new();
    bench.write("good/requirements.txt", "openai==1.60.0\n");
    bench.write("a/package.json", "{\"dependencies\": {\"openai\": 7");
    bench.write("a/package-lock.json", "[[[[[[");
    bench.write("a/pyproject.toml", "[project\ndependencies = [\"openai\"");
    bench.write("a/Cargo.toml", "[dependencies\nasync-openai = ");
    bench.write("a/pom.xml", "<project><dependencies><dependency><artifactId>spring-ai");
    bench.write("a/packages.lock.json", "{}");
    bench.write("a/uv.lock", "\0\0\0");
    bench.write("a/requirements.txt", [0xff, 0xfe, b'o', 0, b'p', 0]);
    bench.write("a/.cursor/mcp.json", "{\"mcpServers\": [1, 2");
    bench.write("m/cut.safetensors", [200, 0, 0, 0, 0, 0, 0, 0, b'{', b'"']);
    bench.write("m/huge.safetensors", [0xff; 64]);
    bench.write("m/cut.gguf", b"GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f");
    bench.write("m/none.onnx", "");
    bench.write("m/cut.pt", b"PK\x03\x04\x14\0\0\0");
    bench.write("m/bomb.pkl", [b"\x80\x04".as_slice(), &[b'('; 100_000]].concat());
    bench.write("deep.py", "(".repeat(100_000));
    bench.write("long.py", format!("x = \"{}\"\nimport openai\n", "a".repeat(5_000_000)));
    bench.write("nul.py", b"import openai\0\0\0\nimport anthropic\n");
    let scan = bench.scan(["-o", "ndjson"]);
    assert!(!scan.stderr.contains("panicked"), "{scan}");
    assert!(scan.of_sort("gap").iter().all(|gap| gap["class"] == "declared"), "{scan}");
    let scan = scan.expect(0);
    assert_eq!(scan.asset("sdk", "openai")["version"], "1.60.0");
    assert!(scan.gaps().iter().filter(|gap| gap.ends_with("unparsable")).count() >= 8, "{scan}");
}

#[test]
fn a_name_that_is_not_text() {
    use std::os::unix::ffi::OsStrExt;
    let bench = Workbench::new();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.py");
    fs::write(bench.tree().join(name), "import openai\n").unwrap();
    bench.write("a\u{1b}[31m\n.py", "import anthropic\n");
    let scan = bench.scan(["-o", "ndjson"]);
    assert!([0, 3].contains(&scan.code), "{scan}");
    assert!(!scan.stdout.contains('\u{1b}') && !scan.stderr.contains('\u{1b}'), "{scan}");
    assert!(scan.of_sort("asset").len() + scan.of_sort("gap").len() >= 2, "{scan}");
}

/// A data folder on a disk of its own, which is filled to the last byte before the second scan.
#[test]
fn a_full_disk_loses_nothing() {
    let bench = Workbench::with_estate();
    fs::create_dir(bench.data()).unwrap();
    let scan = bench.scan_command(["-o", "ndjson"]);
    let get = bench.command(["get", "all", "-o", "ndjson"]);
    let words = |command: &Command| {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        words.map(|word| format!("'{}'", word.to_str().unwrap())).collect::<Vec<_>>().join(" ")
    };
    let story = format!(
        "set -u
        mount -t tmpfs -o size=8m disk data || exit 99
        {scan} > 1.out 2> 1.err; echo $? > 1.code
        {get} > 2.out 2> 2.err; echo $? > 2.code
        mv more tree/more
        cat /dev/zero > data/filler 2> /dev/null
        {scan} > 3.out 2> 3.err; echo $? > 3.code
        {get} > 4.out 2> 4.err; echo $? > 4.code
        rm data/filler
        {scan} > 5.out 2> 5.err; echo $? > 5.code",
        scan = words(&scan),
        get = words(&get),
    );
    for n in 0..400 {
        let text = format!("import openai\nopenai.OpenAI(base_url='https://h{n}.example/v1')\n");
        fs::create_dir_all(bench.path(&format!("more/{n}"))).unwrap();
        fs::write(bench.path(&format!("more/{n}/app.py")), text).unwrap();
    }
    // A mount that only this command sees: root's own, or one of a namespace in which we are root.
    let mut command = Command::new("unshare");
    command.args(["--mount", if is_root() { "--fork" } else { "--map-root-user" }, "bash", "-c", &story]);
    command.current_dir(bench.path("")).env_clear();
    command.envs(scan.get_envs().filter_map(|(name, value)| Some((name, value?))));
    bench.end(command).expect(0);

    let read = |name: &str| fs::read_to_string(bench.path(name)).unwrap();
    let codes = [1, 2, 3, 4, 5].map(|n| read(&format!("{n}.code")).trim().to_owned());
    assert_eq!(codes, ["0", "0", "5", "0", "0"], "{}", read("3.err"));
    assert!(!read("3.err").contains("panicked") && read("3.err").contains("data"), "{}", read("3.err"));
    assert!(read("2.out") == read("4.out"), "a full disk changed what was recorded");
    let assets = |text: &str| text.lines().filter(|line| line.starts_with(r#"{"record":"asset""#)).count();
    assert!(assets(&read("5.out")) > assets(&read("1.out")) + 300);
}

/// The schema's number is in the first hundred bytes of an SQLite file.
#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let bench = Workbench::new();
    bench.write("app.py", "import openai\n");
    bench.scan(["-o", "table"]).expect(0);
    let database = bench.data().join("inventar.db");
    let mut bytes = fs::read(&database).unwrap();
    bytes[60..64].copy_from_slice(&9_999_u32.to_be_bytes());
    fs::write(&database, &bytes).unwrap();
    for args in [vec!["scan", "./tree"], vec!["get", "all"], vec!["serve", "--bind", "127.0.0.1:0"]] {
        bench.inventar(&args).expect(5).says(&["inventar.db", "newer"]);
    }
    assert_eq!(fs::read(&database).unwrap(), bytes);
}

#[test]
fn a_database_that_is_none() {
    let bench = Workbench::new();
    bench.write("app.py", "import openai\n");
    fs::create_dir(bench.data()).unwrap();
    fs::write(bench.data().join("inventar.db"), "this was something else once\n".repeat(100)).unwrap();
    bench.scan(["-o", "table"]).expect(5).says(&["inventar.db"]);
}

#[test]
fn two_scans_at_once_on_one_database() {
    let bench = Workbench::with_estate();
    let running: Vec<_> = (0..3).map(|_| bench.start(bench.scan_command(["-o", "ndjson"]))).collect();
    let ended: Vec<Ended> = running.into_iter().map(|running| running.end().expect(0)).collect();
    assert!(ended.iter().all(|one| one.stdout == ended[0].stdout));
    let alone = bench.scan(["-o", "ndjson"]).expect(0);
    assert_eq!(alone.stdout, ended[0].stdout);
}

#[test]
fn files_that_vanish_while_they_are_looked_at() {
    let bench = Workbench::new();
    for n in 0..400 {
        bench.write(&format!("d{n}/app.py"), "import openai\n");
    }
    let running = bench.start(bench.scan_command(["-o", "ndjson"]));
    for n in (0..400).rev() {
        fs::remove_dir_all(bench.tree().join(format!("d{n}"))).unwrap();
    }
    let ended = running.end();
    assert!([0, 3].contains(&ended.code) && !ended.stderr.contains("panicked"), "{ended}");
    let after = bench.scan(["-o", "ndjson", "--confirm-gone"]).expect(0);
    assert_eq!(after.of_sort("asset").len(), 0, "{after}");
}

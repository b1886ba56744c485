//! Ctrl-C, and a machine that loses power: what was there before still is, and the next scan completes.

use inventar_stories::{Running, Workbench, guest};

/// A scan that would go on for as long as its slowest plugin may.
fn long_scan(bench: &Workbench) -> Running {
    for n in 0..40 {
        bench.write(&format!("slow/{n}.py"), "import openai\n");
    }
    let spin = guest("spin");
    let running = bench.start(bench.scan_command([
        "-o",
        "ndjson",
        "--threads",
        "1",
        "--plugin",
        spin.to_str().unwrap(),
    ]));
    // The first of many calls has ended by its clock: there is time enough in the others.
    running.wait_for("spinning");
    running
}

#[test]
fn ctrl_c_ends_with_130_and_leaves_everything_sound() {
    let bench = Workbench::with_estate();
    let before = bench.scan(["-o", "ndjson"]).expect(0);
    let running = long_scan(&bench);
    running.interrupt();
    let ended = running.end().expect(130);
    assert!(!ended.stderr.contains("panicked"), "{ended}");
    // What was not looked at is not gone.
    let kept = bench.inventar(["get", "all", "-o", "ndjson"]).expect(0);
    for asset in before.of_sort("asset") {
        let (kind, name) = (asset["kind"].as_str().unwrap(), asset["name"].as_str().unwrap());
        assert!(kept.has_asset(kind, name), "{kind} {name} is lost");
    }
    let after = bench.scan(["-o", "ndjson"]).expect(0);
    assert_eq!(after.summary()["status"], "complete");
}

#[test]
fn a_lost_machine_leaves_the_last_run() {
    let bench = Workbench::with_estate();
    bench.scan(["-o", "ndjson"]).expect(0);
    let before = bench.inventar(["get", "all", "-o", "ndjson"]).expect(0);
    let running = long_scan(&bench);
    running.kill();
    running.end().expect(-1);
    let kept = bench.inventar(["get", "all", "-o", "ndjson"]).expect(0);
    assert_eq!(kept.of_sort("asset"), before.of_sort("asset"));
    bench.scan(["-o", "ndjson"]).expect(0);
}

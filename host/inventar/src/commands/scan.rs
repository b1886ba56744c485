//! `inventar scan`: look at a folder, record what is there, show it.

use super::{Context, block_on, store_failed};
use crate::cli;
use crate::exit::{Ending, Exit, Stop};
use crate::present::{self, Bom, Format, Output, RunFacts, View};
use crate::progress::Meter;
use crate::target::Image;
use crate::{moment, plugins, pull, target};
use inventar_bom::SpecVersion;
use inventar_model::{Asset, Gap, Inventory, Run, RunDelta, RunStatus, SourceName, StampedGap};
use inventar_runtime::World;
use inventar_scan::{Detector, ImageKind, Options, Source};
use inventar_store::{OpenOptions, RecordOptions, Recorded, Store};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

/// Runs the command.
pub(crate) fn run(args: &cli::Scan, context: &Context) -> anyhow::Result<Ending> {
    if let Some(connection) = super::collect::connected(&args.target, context)? {
        return super::collect::scan(args, &connection, context);
    }
    if args.replay.is_some() || args.fault.is_some() {
        return Err(Stop::usage(format!(
            "`{}` is not a connected source: there is nothing to replay",
            args.target
        ))
        .hint("`inventar source list` shows what is connected")
        .into());
    }
    let outputs = present::outputs(&context.config.output.value)?;
    let spec: SpecVersion = args.spec.parse()?;
    let epoch = present::source_date_epoch(std::env::var("SOURCE_DATE_EPOCH").ok().as_deref())?;
    let Opened { source, configured, _pulled } = open_source(args, context)?;

    if context.data.path().canonicalize().is_ok_and(|data| data.starts_with(&source.root)) {
        context.console.note("the data folder is inside what is scanned: its own files are counted too");
    }
    let folder = context.data.create().map_err(|error| context.data.unusable(&error));
    let detectors = detectors(context, configured.as_deref())?;
    let cache = (folder.is_ok() && !args.no_cache).then(|| context.data.cache());
    let run = look(&source, &detectors, options(context, configured.as_deref(), cache), context)?;

    let kept = folder.and_then(|()| keep(&run, args.confirm_gone, context));
    let (inventory, delta, store_error) = match kept {
        Ok(recorded) => (recorded.inventory, Some(recorded.delta), None),
        // What was seen is shown even when it cannot be kept.
        Err(stop) => {
            let inventory = Inventory::merge(&run.source, &run.reports, &run.gaps);
            context.console.warn(&format!("this run was not recorded: {stop}"));
            (inventory, None, Some(stop))
        }
    };

    let complete = run.status == RunStatus::Complete;
    let bom = Bom { spec, epoch, revision: run.revision.clone(), complete };
    let view = View { inventory: &inventory, run: Some(facts(&run)), bom };
    present::write(&[view], &outputs)?;
    say(args, context, &run, &inventory, delta.as_ref(), &outputs);
    let ending = ending(&run, &inventory, store_error, context.config.strict.value);
    // The process ends: to free every string before would be a twentieth of a rescan.
    std::mem::forget((run, inventory));
    Ok(ending)
}

/// What is scanned.
struct Opened {
    source: Source,
    /// The source of the configuration it belongs to.
    configured: Option<String>,
    /// The folder of an image that was pulled; it goes with this.
    _pulled: Option<TempDir>,
}

fn open_source(args: &cli::Scan, context: &Context) -> Result<Opened, Stop> {
    let target = target::resolve(&args.target, &context.config, &|path| path.exists())?;
    if let Some(note) = &target.note {
        context.console.note(note);
    }
    let named = args.source.clone().or_else(|| target.source.clone());
    let name = named.map(SourceName::new).transpose().map_err(|error| Stop::usage(error.to_string()))?;
    // Settings follow the name, so that `--source api` and `scan api` agree.
    let configured =
        args.source.clone().filter(|name| context.config.sources.contains_key(name)).or(target.source);
    let mut pulled = None;
    let image = |path: &Path, kind| {
        Source::open_image(path, kind, name.clone()).map_err(|error| {
            Stop::usage(error.to_string()).hint(
                "oci-archive: and docker-archive: name a tar file, oci: a folder with `index.json` and `blobs`",
            )
        })
    };
    let source = match &target.image {
        Some(Image::Kept(kind)) => image(&target.path, *kind)?,
        Some(Image::InRegistry(reference)) => {
            let unusable = |error| context.data.unusable(&error);
            context.data.create().map_err(unusable)?;
            let folder = TempDir::with_prefix_in("image-", context.data.cache()).map_err(unusable)?;
            block_on(pull::pull(reference, folder.path(), &context.console))??;
            image(pulled.insert(folder).path(), ImageKind::OciDir)?
        }
        None => Source::open(&target.path, name).map_err(|error| {
            Stop::usage(error.to_string())
                .hint("name a folder that you may read; a single file is scanned through its folder")
        })?,
    };
    Ok(Opened { source, configured, _pulled: pulled })
}

fn detectors(context: &Context, configured: Option<&str>) -> Result<Vec<Detector>, Stop> {
    let runtime = plugins::runtime(plugins::compiled_folder(&context.data))?;
    let plugins = plugins::load(&runtime, &context.config.plugin_files.value)?;
    if plugins.is_empty() {
        context.console.warn(
            "this program has no plugins inside, so it finds nothing; build it with `cargo xtask build`, or add --plugin FILE.wasm",
        );
    }
    let mut detectors = plugins::configure(plugins, &context.config, configured)?;
    detectors.retain(|detector| detector.plugin.manifest().world != World::Collector);
    Ok(detectors)
}

fn options(context: &Context, configured: Option<&str>, cache: Option<PathBuf>) -> Options {
    let config = &context.config;
    let of_source =
        configured.and_then(|name| config.sources.get(name)).and_then(|source| source.no_ignore.as_ref());
    let no_ignore = config.no_ignore.value || of_source.is_some_and(|setting| setting.value);
    let mut options = Options { no_ignore, cache, clock: moment::now, ..Options::default() };
    if config.threads.value > 0 {
        options.threads = config.threads.value;
    }
    options
}

/// The scan itself, with progress; Ctrl-C lets it end early and consistently, a second one ends everything.
fn look(source: &Source, detectors: &[Detector], options: Options, context: &Context) -> Result<Run, Stop> {
    let cancel = Arc::new(AtomicBool::new(false));
    listen_for_interrupt(&cancel, "stopping: what was seen so far is recorded", context);
    let meter = Meter::new(&context.console);
    let outcome = inventar_scan::scan(source, detectors, &options, &meter, &cancel)
        .map_err(|error| Stop::new(Exit::Partial, error.to_string()))?;
    drop(meter);
    tracing::info!("{:?}", outcome.timing);
    if let Some(error) = &outcome.cache_error {
        context
            .console
            .warn(&format!("the next scan will not be faster, the report cache cannot be written: {error}"));
    }
    Ok(outcome.run)
}

/// Ctrl-C asks to stop, and says so; a second one ends everything.
pub(super) fn listen_for_interrupt(cancel: &Arc<AtomicBool>, words: &'static str, context: &Context) {
    let (cancel, console) = (Arc::clone(cancel), context.console.clone());
    let on_signal = move || {
        if cancel.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::Interrupted.code().into());
        }
        console.note(&format!("{words}; press Ctrl-C again to stop at once"));
    };
    if let Err(error) = ctrlc::set_handler(on_signal) {
        tracing::warn!("Ctrl-C will stop the scan without recording it: {error}");
    }
}

fn keep(run: &Run, confirm_gone: bool, context: &Context) -> Result<Recorded, Stop> {
    block_on(async {
        let store = Store::open(context.data.path(), OpenOptions::default()).await?;
        let recorded = store.record_with(run, RecordOptions { confirm_gone }).await?;
        store.close().await?;
        Ok(recorded)
    })?
    .map_err(|error| store_failed(&error))
}

/// What a run says beside its assets.
pub(super) fn facts(run: &Run) -> RunFacts {
    RunFacts {
        status: run.status,
        files_seen: run.files_seen,
        files_inspected: run.files_inspected,
        left_out: run.left_out.clone(),
        plugins: run
            .plugins
            .iter()
            .map(|used| (used.id.clone(), used.version.clone(), used.signed))
            .collect(),
    }
}

fn count(inventory: &Inventory, class: Gap) -> usize {
    inventory.gaps.iter().filter(|stamped| stamped.gap.class() == class).count()
}

/// What people read after the data: the count, what changed, what was not looked at, where next.
fn say(
    args: &cli::Scan,
    context: &Context,
    run: &Run,
    inventory: &Inventory,
    delta: Option<&RunDelta>,
    outputs: &[Output],
) {
    let console = &context.console;
    if !console.speaks() {
        return;
    }
    let colour = console::colors_enabled_stderr();
    if outputs.iter().any(|output| output.file.is_none()) && !inventory.assets.is_empty() {
        console.note("");
    }
    console.note(&present::bold(&present::outcome_in_words(inventory), colour));
    for line in delta.iter().flat_map(|delta| present::changes_in_words(delta, colour)) {
        console.note(&line);
    }
    for line in present::coverage_in_words(&facts(run), inventory) {
        console.note(&line);
    }
    for file in outputs.iter().filter_map(|output| Some((output.format, output.file.as_ref()?))) {
        console.note(&format!("Wrote {} to {}.", file.0.as_str(), file.1.display()));
    }
    let next = next_commands(args, inventory, outputs, delta.is_some());
    console.note(&present::dim(&format!("Next: {}", next.join("  ·  ")), colour));
}

fn next_commands(args: &cli::Scan, inventory: &Inventory, outputs: &[Output], recorded: bool) -> Vec<String> {
    let mut next = Vec::new();
    if !recorded {
        return vec!["inventar doctor".into()];
    }
    let unique = |asset: &&Asset| {
        inventory
            .assets
            .iter()
            .filter(|other| (&other.kind, &other.name) == (&asset.kind, &asset.name))
            .count()
            == 1
    };
    if let Some(asset) = inventory.assets.iter().filter(|asset| asset.name.len() < 40).find(unique) {
        next.push(format!("inventar describe {}", shell_word(&format!("{}/{}", asset.kind, asset.name))));
    }
    if !inventory.gaps.is_empty() || inventory.assets.is_empty() {
        next.push("inventar coverage".into());
    }
    if outputs.iter().all(|output| output.format != Format::CycloneDx) {
        next.push(format!("inventar scan {} -o cyclonedx=bom.json", shell_word(&args.target)));
    }
    next.push("inventar serve".into());
    next
}

/// A word that a shell takes as it is.
fn shell_word(text: &str) -> String {
    let text = present::clean(text);
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:@+%".contains(c);
    if text.chars().all(plain) { text.into_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

fn ending(run: &Run, inventory: &Inventory, store_error: Option<Stop>, strict: bool) -> Ending {
    if run.status == RunStatus::Interrupted {
        return Ending::because(Exit::Interrupted, "the scan was stopped before it had looked at everything");
    }
    if let Some(stop) = store_error {
        return Ending::because(Exit::Store, stop.what());
    }
    let failed = count(inventory, Gap::Failure);
    if failed > 0 || run.status == RunStatus::Partial {
        let first = inventory.gaps.iter().find(|stamped| stamped.gap.class() == Gap::Failure);
        return Ending::because(Exit::Partial, gaps_in_words(failed, first, "could not be looked at"));
    }
    let declared = count(inventory, Gap::Declared);
    if strict && declared > 0 {
        let words =
            gaps_in_words(declared, inventory.gaps.first(), "could not be read, and --strict was given");
        return Ending::because(Exit::Partial, words);
    }
    Ending::SUCCESS
}

fn gaps_in_words(n: usize, first: Option<&StampedGap>, what: &str) -> String {
    let Some(first) = first else { return "not everything could be looked at".into() };
    let place = present::clean(&first.gap.at).into_owned();
    let plugin = first.plugin.as_ref().map_or(String::new(), |plugin| format!(", {plugin}"));
    let one = format!("`{place}` ({}{plugin})", first.gap.reason.as_str());
    match n {
        0 | 1 => format!("{one} {what}; see `inventar coverage`"),
        n => format!("{n} places {what}, the first is {one}; see `inventar coverage`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inventar_model::{CoverageGap, Digest, GapReason, Timestamp};

    fn run_with(status: RunStatus, reasons: &[GapReason]) -> (Run, Inventory) {
        let source = SourceName::new("demo").unwrap();
        let gaps: Vec<StampedGap> = reasons
            .iter()
            .map(|reason| StampedGap {
                gap: CoverageGap {
                    at: "a.py".into(),
                    reason: reason.clone(),
                    detail: String::new(),
                    retriable: false,
                },
                plugin: None,
            })
            .collect();
        let inventory = Inventory { gaps: gaps.clone(), ..Inventory::empty(source.clone()) };
        let run = Run {
            source,
            reports: vec![],
            reports_digest: Digest::of(b""),
            gaps,
            status,
            revision: None,
            started: Timestamp(0),
            ended: Timestamp(1),
            plugins: vec![],
            files_seen: 1,
            files_inspected: 1,
            bytes_read: 1,
            left_out: vec![],
            unseen: vec![],
        };
        (run, inventory)
    }

    #[track_caller]
    fn check(status: RunStatus, reasons: &[GapReason], store_fails: bool, strict: bool, expected: u8) {
        let (run, inventory) = run_with(status, reasons);
        let store_error = store_fails.then(|| Stop::new(Exit::Store, "disk full"));
        let ending = ending(&run, &inventory, store_error, strict);
        assert_eq!(ending.exit.code(), expected);
        assert_eq!(ending.reason.is_none(), expected == 0);
    }

    #[test]
    fn exit_codes() {
        use RunStatus::{Complete, Interrupted, Partial};
        let (denied, broken) = ([GapReason::AccessDenied], [GapReason::Unparsable]);
        check(Complete, &[], false, false, 0);
        check(Complete, &[], false, true, 0);
        check(Complete, &broken, false, false, 0);
        check(Complete, &broken, false, true, 3);
        check(Partial, &denied, false, false, 3);
        check(Partial, &[], false, false, 3);
        check(Complete, &[], true, false, 5);
        check(Partial, &denied, true, false, 5);
        check(Interrupted, &denied, true, false, 130);
    }

    #[test]
    fn commands_to_copy_survive_the_shell() {
        for (text, expected) in
            [("sdk/openai", "sdk/openai"), ("a b", "'a b'"), ("$(x)", "'$(x)'"), ("a'b", r"'a'\''b'")]
        {
            assert_eq!(shell_word(text), expected);
        }
    }
}

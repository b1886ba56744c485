//! Who may be called by a model: an exact list, and everybody else is suspect.
//!
//! A list of bad callables is never complete (the standard library alone has hundreds that start a process, open a
//! file or import a module), and a list of good modules lets `collections` + `_sys.modules.get` through. So it matters
//! how a name is used. `NEWOBJ` makes an object of a class without running its constructor: a class of a library of
//! models may be made so. What is *called* must be on the list of [`lists::BUILDERS`]. What is only *named* is data, as
//! the functions are that a pipeline applies later, unless it is of a kind that no model needs.

use super::lists::{BORROWED, BUILDERS, RUNNING, SCIENTIFIC, STANDARD};
pub use crate::model::Danger;

/// How a callable is used; the strongest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Use {
    /// It stands somewhere as a value.
    #[default]
    Named,
    /// An object of it is made without its constructor.
    Made,
    /// It is handed to something that is called.
    Passed,
    /// It is called.
    Called,
}

/// What a callable is in a model. None: it may be there.
pub fn danger(name: &str, how: Use) -> Option<(Danger, &'static str)> {
    let (module, attribute) =
        name.split_once('\0').unwrap_or_else(|| name.rsplit_once('.').unwrap_or(("", name)));
    let module = current_module(module);
    let full = format!("{module}.{attribute}");
    if is_in(BUILDERS, &full) && !attribute.contains('.') || is_in(DOTTED, &full) {
        return None;
    }
    let root = module.split('.').next().unwrap_or_default();
    // TorchScript's own classes: they exist only in the archive, as code of another machine.
    if root == "__torch__" && !attribute.contains('.') {
        return None;
    }
    let last = attribute.rsplit('.').next().unwrap_or_default();
    let is_class = last.trim_start_matches('_').starts_with(|c: char| c.is_ascii_uppercase());
    let is_plain = full.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte));
    let is_scientific = is_plain && is_in(SCIENTIFIC, root) && !runs(module, attribute);
    if is_scientific && may_be_used(module, attribute, how, is_class) {
        return None;
    }
    let is_foreign = attribute.contains('.') || is_in(BORROWED, last) || runs(module, attribute);
    Some(match (is_standard(root) || is_foreign || !is_class, how) {
        (true, Use::Called | Use::Made) => (Danger::Unsafe, "unsafe-callable"),
        (true, Use::Passed) if is_standard(root) || is_foreign => (Danger::Unsafe, "unsafe-callable"),
        (true, _) => (Danger::Suspicious, "unsafe-callable-named"),
        (false, Use::Called) if is_in(RUNNERS, &full) => (Danger::Unsafe, "unsafe-callable"),
        (false, _) => (Danger::Suspicious, "unknown-callable"),
    })
}

/// What a model may do with a part of a library of models.
fn may_be_used(module: &str, attribute: &str, how: Use, is_class: bool) -> bool {
    match how {
        // `Class.method` is how a bound method is spelt; what a module merely imports is not its own.
        Use::Named | Use::Passed => {
            attribute.split('.').all(|part| !is_standard(part) && !part.starts_with("__"))
        }
        Use::Made => !attribute.contains('.'),
        Use::Called if attribute.contains('.') => false,
        // Cython's own helper, which makes an object of a class and gives it its state.
        Use::Called => {
            attribute.starts_with("__pyx_unpickle_")
                || module == "torch._utils" && attribute.starts_with("_rebuild_")
                || module.starts_with("statsmodels.tsa.statespace._")
                || attribute == "newObj" && module.starts_with("sklearn.")
                || is_class && CLASSES_OF.iter().any(|package| module.starts_with(package))
        }
    }
}

fn is_in(list: &[&str], name: &str) -> bool {
    list.binary_search(&name).is_ok()
}

/// Whether a dotted name is of the parts of libraries that run something.
pub fn is_running(name: &str) -> bool {
    let (module, attribute) = name.rsplit_once('.').unwrap_or(("", name));
    runs(module, attribute)
}

/// Whether a module, or one that holds it, or the name itself is of those that run something.
fn runs(module: &str, attribute: &str) -> bool {
    let mut at = Some(module);
    while let Some(prefix) = at {
        if is_in(RUNNING, prefix) {
            return true;
        }
        at = prefix.rsplit_once('.').map(|(outer, _)| outer);
    }
    is_in(RUNNING, &format!("{module}.{attribute}")) || is_in(BORROWED, attribute)
}

/// Builders that are reached through a class.
const DOTTED: &[&str] = &["datetime.datetime.fromisoformat", "zoneinfo.ZoneInfo._unpickle"];

/// Packages whose classes only build themselves when they are called.
const CLASSES_OF: &[&str] = &[
    "catboost.core.CatBoost",
    "imblearn.",
    "keras_core.",
    "pandas._libs.tslibs.offsets",
    "pandas.arrays",
    "pandas.core.arrays.",
    "scipy.sparse.",
    "sklearn.",
    "statsmodels.",
    "torch.nn.modules.",
    "torchvision.models.",
    "torchvision.transforms.",
    "transformers.trainer_",
];

/// Classes whose constructor reads or runs what it is given.
const RUNNERS: &[&str] = &[
    "catboost.CatBoost",
    "lightgbm.Booster",
    "lightgbm.basic.Booster",
    "torch.jit.ScriptModule",
    "xgboost.Booster",
];

/// Callables that call what they are handed.
pub(super) const DRIVERS: &[&str] = &[
    "collections.defaultdict",
    "dill._dill._create_array",
    "torch._tensor._rebuild_from_type",
    "torch._tensor._rebuild_from_type_v2",
];

/// Callables that make an object of the class they are handed, without its constructor.
pub(super) const MAKERS: &[&str] = &[
    "copy_reg.__newobj__",
    "copy_reg._reconstructor",
    "copyreg.__newobj__",
    "copyreg.__newobj_ex__",
    "copyreg._reconstructor",
    "numpy._core.multiarray._reconstruct",
    "numpy.core.multiarray._reconstruct",
    "pandas.core.indexes.base._new_Index",
];

/// Whether a dotted name is of Python's standard library, or of a package made to run things.
pub fn is_standard(name: &str) -> bool {
    is_in(STANDARD, name.split('.').next().unwrap_or_default())
}

/// Whether a dotted name is of a library of models.
pub(super) fn is_scientific(name: &str) -> bool {
    is_in(SCIENTIFIC, name.split('.').next().unwrap_or_default())
}

/// Python 2's modules under today's names, as the unpickler maps them.
fn current_module(module: &str) -> &str {
    match module {
        "__builtin__" | "exceptions" => "builtins",
        "copy_reg" => "copyreg",
        "cPickle" => "_pickle",
        "UserDict" | "UserList" | "UserString" => "collections",
        _ => module,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, how: Use, expected: Option<Danger>) {
        assert_eq!(danger(name, how).map(|(danger, _)| danger), expected, "{name} {how:?}");
    }

    #[test]
    fn lists_are_sorted() {
        for list in [BUILDERS, SCIENTIFIC, RUNNING, BORROWED, STANDARD, DOTTED, RUNNERS, DRIVERS, MAKERS] {
            let wrong = list.windows(2).find(|pair| pair[0] >= pair[1]);
            assert_eq!(wrong, None);
        }
        assert_eq!(BUILDERS.iter().find(|name| is_in(STANDARD, name)), None);
    }

    #[test]
    fn what_models_do() {
        for (name, how) in [
            ("collections\0OrderedDict", Use::Called),
            ("__builtin__\0set", Use::Called),
            ("copy_reg\0_reconstructor", Use::Called),
            ("sklearn.svm._classes\0SVC", Use::Called),
            ("torch.nn.modules.linear\0Linear", Use::Made),
            ("torch._utils\0_rebuild_tensor_v2", Use::Called),
            ("uuid\0UUID", Use::Called),
            ("argparse\0Namespace", Use::Called),
            ("numpy\0log1p", Use::Named),
            ("torch.nn.functional\0relu", Use::Named),
            ("scipy.stats._continuous_distns\0norm_gen", Use::Made),
            ("lightgbm.basic\0Booster", Use::Made),
            ("pandas._libs.arrays\0__pyx_unpickle_NDArrayBacked", Use::Called),
            ("scipy.interpolate._interpolate\0interp1d._call_linear", Use::Named),
        ] {
            check(name, how, None);
        }
    }

    #[test]
    fn what_models_do_not() {
        for bad in [
            "os\0system",
            "__builtin__\0eval",
            "builtins\0getattr",
            "collections\0_sys.modules.get",
            "sklearn.x\0subprocess.Popen",
            "sklearn.utils\0run",
            "sklearn.utils\0Popen",
            "torch.hub\0load",
            "subprocess\0Popen",
            "psutil\0Popen",
            "uuid\0_get_command_stdout",
            "lightgbm\0Booster",
            "numpy.f2py.crackfortran\0getlincoef",
            "pickle\0loads",
            "pandas\0read_csv",
            "torch.utils.cpp_extension\0load",
            "numpy.testing._private.utils\0runstring",
            "torch.nn.modules.linear\0Linear.__init__",
        ] {
            check(bad, Use::Called, Some(Danger::Unsafe));
        }
        for bad in ["os\0system", "sklearn.utils\0subprocess.Popen", "builtins\0eval"] {
            check(bad, Use::Passed, Some(Danger::Unsafe));
            check(bad, Use::Named, Some(Danger::Suspicious));
        }
        check("acme.models\0Net", Use::Called, Some(Danger::Suspicious));
        check("acme.models\0Net", Use::Made, Some(Danger::Suspicious));
        check("subprocess\0Popen", Use::Made, Some(Danger::Unsafe));
        check("sklearn.svm\0SVС", Use::Called, Some(Danger::Suspicious));
    }
}

//! Any bytes under the name of a model file: no panic.
#![no_main]

use inventar_plugin_model_files::ModelFiles;
use inventar_plugin_sdk::{Detector, File};
use libfuzzer_sys::fuzz_target;

/// The content decides the format; the name helps where there is no magic.
const NAMES: [&str; 16] = [
    "a.safetensors", "a.gguf", "a.pkl", "a.pt", "a.onnx", "a.h5", "a.keras", "a.npy", "a.npz", "a.tflite",
    "saved_model.pb", "a.msgpack", "a.7z", "a.tar.gz", "a.skops", "tokenizer_config.json",
];

fuzz_target!(|input: &[u8]| {
    let Some((which, content)) = input.split_first() else { return };
    let name = NAMES[usize::from(*which) % NAMES.len()];
    ModelFiles::scan(&Default::default(), &File::of(name, content));
});

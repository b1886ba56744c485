//! Models that are protocol buffers without a magic number: Core ML, Paddle, TensorFlow's graphs.
//!
//! Each is told by the shape of its first fields; what fits several is asked for its strictest first.

use crate::bytes::ReadAt;
use crate::model::Model;
use crate::protobuf::{Field, Message};

/// Reads what it is. None: no model we know.
pub fn read(bytes: &dyn ReadAt) -> Option<Model> {
    coreml(bytes).or_else(|| paddle(bytes))
}

/// Core ML's `Model`: a specification version, a description, and one kind of model with a field above 200.
fn coreml(bytes: &dyn ReadAt) -> Option<Model> {
    let mut message = Message::new(bytes, 0, bytes.size());
    let mut model = Model::new("coreml");
    let mut kind = None;
    for _ in 0..64 {
        match message.field() {
            Ok(Some((1, Field::Number(version)))) if (1..100).contains(&version) => {
                model.set("spec_version", version)
            }
            Ok(Some((2, field @ Field::Range { .. }))) => describe(message.message(field)?, &mut model),
            Ok(Some((10, Field::Number(_)))) => {}
            Ok(Some((number @ 200..=3000, field @ Field::Range { .. }))) => {
                kind = Some(number);
                if matches!(number, 303 | 403 | 500) {
                    layers(message.message(field)?, &mut model);
                }
            }
            Ok(None) => break,
            _ => return None,
        }
    }
    model.number("spec_version")?;
    let kind = match kind? {
        200 => "pipelineClassifier",
        201 => "pipelineRegressor",
        202 => "pipeline",
        300 => "glmRegressor",
        301 => "supportVectorRegressor",
        302 => "treeEnsembleRegressor",
        303 => "neuralNetworkRegressor",
        400 => "glmClassifier",
        401 => "supportVectorClassifier",
        402 => "treeEnsembleClassifier",
        403 => "neuralNetworkClassifier",
        500 => "neuralNetwork",
        502 => "mlProgram",
        555 => "customModel",
        _ => "other",
    };
    model.set("framework", "coreml");
    model.set("architecture", kind);
    if kind == "customModel" {
        model.flag(crate::model::Danger::Suspicious, "custom-model", kind, 0);
    }
    model.is_judged = true;
    Some(model)
}

/// Layers of a neural network that the app itself must bring, by the name of their class.
fn layers(mut network: Message<'_>, model: &mut Model) {
    let mut custom = model.texts("custom_layers");
    while let Ok(Some((number, field))) = network.field() {
        let Some(mut layer) = network.message(field).filter(|_| number == 1) else { continue };
        while let Ok(Some((number, field))) = layer.field() {
            let Some(mut parameters) = layer.message(field).filter(|_| number == 500) else { continue };
            while let Ok(Some((number, field))) = parameters.field() {
                if let (10, Some(class)) = (number, parameters.text(field, 256))
                    && custom.len() < 64
                {
                    model.flag(crate::model::Danger::Suspicious, "custom-layer", &class, field.start());
                    custom.push(class);
                }
            }
        }
    }
    model.set("custom_layers", custom);
}

/// `ModelDescription.metadata`: a short description, a version, an author, a licence.
fn describe(mut description: Message<'_>, model: &mut Model) {
    while let Ok(Some((number, field))) = description.field() {
        let Some(mut metadata) = description.message(field).filter(|_| number == 100) else { continue };
        while let Ok(Some((number, field))) = metadata.field() {
            let key = match number {
                1 => "description",
                2 => "model_version",
                3 => "author",
                4 => "license",
                _ => continue,
            };
            model.set(key, metadata.text(field, 1024));
        }
    }
}

/// Paddle's `ProgramDesc`: blocks with an index, a parent, variables and operators.
fn paddle(bytes: &dyn ReadAt) -> Option<Model> {
    let mut message = Message::new(bytes, 0, bytes.size());
    let mut ops = std::collections::BTreeSet::new();
    let mut n_blocks = 0;
    for _ in 0..4096 {
        match message.field() {
            Ok(Some((1, field @ Field::Range { .. }))) => {
                block(message.message(field)?, &mut ops)?;
                n_blocks += 1;
            }
            Ok(Some((4 | 5, Field::Range { .. }))) if n_blocks > 0 => {}
            Ok(None) => break,
            _ => return None,
        }
    }
    if n_blocks == 0 || ops.is_empty() {
        return None;
    }
    let mut model = Model::new("paddle");
    model.set("framework", "paddle");
    for op in &ops {
        if op == "py_func" {
            model.flag(crate::model::Danger::Unsafe, "python-operator", op, 0);
        }
    }
    model.set("ops", ops.into_iter().collect::<Vec<_>>());
    model.is_judged = true;
    Some(model)
}

fn block(mut block: Message<'_>, ops: &mut std::collections::BTreeSet<String>) -> Option<()> {
    let mut has_index = false;
    let mut has_parent = false;
    for _ in 0..1_000_000 {
        match block.field() {
            Ok(Some((1, Field::Number(_)))) => has_index = true,
            Ok(Some((2, Field::Number(_)))) => has_parent = true,
            Ok(Some((3, Field::Range { .. }) | (5, Field::Number(_)))) => {}
            Ok(Some((4, field @ Field::Range { .. }))) => {
                let mut op = block.message(field)?;
                while let Ok(Some((number, field))) = op.field() {
                    if let (3, Some(name)) = (number, op.text(field, 128)) {
                        let is_name = !name.is_empty()
                            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                        if !is_name {
                            return None;
                        }
                        if ops.len() < 256 {
                            ops.insert(name);
                        }
                    }
                }
            }
            Ok(None) => return (has_index && has_parent).then_some(()),
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn programs() {
        let paddle = b"\n\x11\x08\x00\x10\x00\"\x0b\x1a\tmatmul_v2".to_vec();
        assert_eq!(read(&paddle).map(|model| model.format), Some("paddle"));
        let python = b"\n\x0f\x08\x00\x10\x00\"\x09\x1a\x07py_func".to_vec();
        assert_eq!(read(&python).and_then(|model| model.verdict()), Some("unsafe"));
        let coreml = b"\x08\x04\x12\x08\xa2\x06\x05\x22\x03MIT\xa2\x1f\x00".to_vec();
        let model = read(&coreml).unwrap();
        assert_eq!(
            (model.format, model.text("license"), model.verdict()),
            ("coreml", Some("MIT"), Some("benign"))
        );
        assert_eq!(read(&b"\x08\x04".to_vec()), None);
        assert_eq!(read(&b"hello".to_vec()), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            read(&bytes);
        }
    }
}

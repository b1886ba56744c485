//! What is asked: a plugin, or in tests a script.

use inventar_model::{Cursor, Scope};
use inventar_runtime::{CollectContext, Fault, Later, Outbound, Plugin, Probed, Slice};
use std::sync::Arc;

/// The two questions of world `collector`.
pub(super) trait Guest: Sync {
    fn probe<'a>(
        &'a self,
        context: &'a CollectContext,
        way: Arc<dyn Outbound>,
    ) -> Later<'a, Result<Probed, Fault>>;

    fn run_slice<'a>(
        &'a self,
        context: &'a CollectContext,
        scope: &'a Scope,
        at: Option<&'a Cursor>,
        way: Arc<dyn Outbound>,
    ) -> Later<'a, Result<Slice, Fault>>;
}

impl Guest for Plugin {
    fn probe<'a>(
        &'a self,
        context: &'a CollectContext,
        way: Arc<dyn Outbound>,
    ) -> Later<'a, Result<Probed, Fault>> {
        Box::pin(Self::probe(self, context, way))
    }

    fn run_slice<'a>(
        &'a self,
        context: &'a CollectContext,
        scope: &'a Scope,
        at: Option<&'a Cursor>,
        way: Arc<dyn Outbound>,
    ) -> Later<'a, Result<Slice, Fault>> {
        Box::pin(Self::run_slice(self, context, scope, at, way))
    }
}

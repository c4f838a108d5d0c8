//! What is observed without the feature `observe`: nothing.

/// No observations.
#[derive(Debug, Default)]
pub(crate) struct Observer {}

/// No moment.
#[derive(Clone, Copy)]
pub(crate) struct Mark;

impl Mark {
    pub(crate) fn now() -> Self {
        Self
    }
}

pub(crate) fn call_span(_name: &'static str) -> Mark {
    Mark
}

pub(crate) fn callback_span() -> Mark {
    Mark
}

impl Observer {
    pub(crate) fn call_begins(&mut self, _nested: bool) -> Mark {
        Mark
    }

    pub(crate) fn call_ends(&mut self, _name: &'static str, _call: Mark) {}

    pub(crate) fn crossed(&mut self, _name: &'static str, _begins: Mark) {}

    pub(crate) fn callback_begins(&mut self, _begins: Mark) -> Mark {
        Mark
    }

    pub(crate) fn callback_returns(&mut self, _callback: Mark) -> Mark {
        Mark
    }

    pub(crate) fn callback_ends(&mut self, _returned: Mark) {}
}

//! What was found of one library.

use build_support::{Refusal, Survey};
use serde::{Deserialize, Serialize};

/// What became of a library.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Outcome {
    /// Its headers were read.
    Bound(Box<Found>),
    /// The C compiler does not compile its headers for wasm32-wasi, for this reason.
    DoesNotCompile(String),
    /// The bindings of a library whose headers compile could not be made.
    Failed(String),
    /// The process that read them ended in this way.
    Crashed(String),
    /// It was stopped after so many seconds.
    Endless(u64),
}

/// What is bound.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Found {
    /// Functions.
    pub functions: Items,
    /// Structs, unions, enums and typedefs.
    pub types: Items,
    /// Those of the types of which only pointers exist, although C knows their fields.
    pub opaque: Vec<(String, String)>,
    /// Macros and enumerators of unnamed enums.
    pub constants: Items,
    /// Global variables.
    pub variables: Items,
    /// What the C compiler, asked again, says is otherwise.
    pub disagreements: Vec<String>,
    /// How long it took.
    pub seconds: f64,
}

/// One kind of item.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Items {
    /// Names.
    pub bound: Vec<String>,
    /// Names, and why.
    pub refused: Vec<(String, String)>,
}

impl From<&Survey> for Found {
    fn from(survey: &Survey) -> Self {
        let pairs = |refused: &[Refusal]| refused.iter().map(|refusal| (refusal.name.clone(), refusal.reason.clone())).collect();
        let items = |surveyed: &build_support::Surveyed| Items { bound: surveyed.bound.clone(), refused: pairs(&surveyed.refused) };
        Self {
            functions: items(&survey.functions),
            types: items(&survey.types),
            opaque: pairs(&survey.opaque),
            constants: items(&survey.constants),
            variables: items(&survey.variables),
            disagreements: Vec::new(),
            seconds: 0.0,
        }
    }
}

impl Found {
    /// Everything that is not bound, or not with its fields: its kind, its name and the reason.
    pub fn refused(&self) -> impl Iterator<Item = (&'static str, &str, &str)> {
        let kinds = [
            ("function", &self.functions.refused),
            ("opaque type", &self.opaque),
            ("type", &self.types.refused),
            ("variable", &self.variables.refused),
            ("constant", &self.constants.refused),
        ];
        kinds.into_iter().flat_map(|(kind, refused)| refused.iter().map(move |(name, reason)| (kind, name.as_str(), reason.as_str())))
    }
}

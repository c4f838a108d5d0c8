//! Runs bindgen over the headers.

use std::any::Any;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use bindgen::callbacks::{DiscoveredItem, DiscoveredItemId, FieldInfo, ItemInfo, ParseCallbacks, SourceLocation};
use bindgen::{EnumVariation, RustTarget};

use crate::bindings::ir::{Declarations, Kind};
use crate::bindings::lost::LossyUnion;
use crate::bindings::reader;
use crate::preprocess::Places;
use crate::tokens;
use crate::{Error, cargo};

/// What bindgen tells in callbacks, and its output does not say.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// Names of items as C spells them; bindgen appends `_` to a Rust keyword.
    pub(crate) names: HashSet<String>,
    pub(crate) fields: HashSet<(String, String)>,
    /// The C name of each record that has one, by bindgen's name.
    pub(crate) records: HashMap<String, Option<String>>,
    pub(crate) files: HashMap<(Kind, String), PathBuf>,
}

#[derive(Debug, Clone)]
struct Callbacks {
    notes: Rc<RefCell<Notes>>,
    /// Of which header each line is.
    places: Rc<Places>,
}

impl ParseCallbacks for Callbacks {
    fn item_name(&self, item: ItemInfo<'_>) -> Option<String> {
        self.notes.borrow_mut().names.insert(item.name.to_owned());
        None
    }

    fn field_name(&self, field: FieldInfo<'_>) -> Option<String> {
        self.notes.borrow_mut().fields.insert((field.type_name.to_owned(), field.field_name.to_owned()));
        None
    }

    fn new_item_found(&self, _id: DiscoveredItemId, item: DiscoveredItem, location: Option<&SourceLocation>) {
        let mut notes = self.notes.borrow_mut();
        let (kind, name) = match item {
            DiscoveredItem::Struct { original_name, final_name } | DiscoveredItem::Union { original_name, final_name } => {
                notes.records.insert(final_name.clone(), original_name);
                (Kind::Type, final_name)
            }
            DiscoveredItem::Enum { final_name } => (Kind::Type, final_name),
            DiscoveredItem::Alias { alias_name, .. } => (Kind::Type, alias_name),
            DiscoveredItem::Function { final_name } => (Kind::Function, final_name),
            DiscoveredItem::Constant { final_name } | DiscoveredItem::Variable { final_name } => (Kind::Var, final_name),
            DiscoveredItem::Method { .. } => return,
        };
        if let Some(file) = location.and_then(|location| self.places.file(location.line)) {
            notes.files.entry((kind, name)).or_insert_with(|| file.to_owned());
        }
    }
}

/// What the symbol of a function has after its name, if the function is `static` in the header and so has none of its own.
pub(crate) const STATIC: &str = "__static";

/// Reads every declaration of preprocessed headers with the given flags. In `tags` are those that
/// mean something else, too, with the names that they get for it.
pub(crate) fn read(
    library: &str,
    text: &[u8],
    folder: &Path,
    flags: &[OsString],
    lossy: &[LossyUnion],
    tags: &HashMap<String, String>,
) -> Result<Declarations, Error> {
    let failed = |tool: String| Error::Headers { library: library.to_owned(), tool };
    let header = folder.join("bindgen.h");
    std::fs::write(&header, tokens::for_bindgen(text, tags)).map_err(Error::io("write", &header))?;
    let _no_flags = cargo::NoBindgenFlags::new();
    let callbacks = Callbacks { notes: Rc::default(), places: Rc::new(Places::new(text)) };
    // The version that edition 2024 came with.
    let rust = RustTarget::stable(85, 0).map_err(|error| failed(error.to_string()))?;
    let builder = bindgen::Builder::default()
        .header(header.to_string_lossy())
        .clang_args(flags.iter().map(|flag| flag.to_string_lossy()))
        .parse_callbacks(Box::new(callbacks.clone()))
        .rust_target(rust)
        .rust_edition(bindgen::RustEdition::Edition2024)
        .default_enum_style(EnumVariation::NewType { is_bitfield: false, is_global: false })
        .prepend_enum_name(false)
        .generate_cstr(true)
        .layout_tests(true)
        // Those of the host; the text has been preprocessed.
        .detect_include_paths(false)
        .enable_function_attribute_detection()
        .default_non_copy_union_style(bindgen::NonCopyUnionStyle::ManuallyDrop)
        .derive_debug(false)
        .merge_extern_blocks(true)
        .formatter(bindgen::Formatter::None);
    let with_static = builder.clone().wrap_static_fns(true).wrap_static_fns_suffix(STATIC);
    // bindgen writes C code for each static function, which nobody needs, and fails if it cannot: then none of them is bound.
    let bindings = generate(with_static.wrap_static_fns_path(folder.join("bindgen"))).or_else(|_| generate(builder)).map_err(failed)?;
    let file = syn::parse_file(&bindings.to_string()).map_err(|error| failed(format!("bindgen's output cannot be read: {error}")))?;
    // bindgen holds its callbacks as long as its result.
    drop(bindings);
    let notes = callbacks.notes.take();
    let given = tags.iter().map(|(tag, given)| (given.clone(), tag.clone())).collect();
    Ok(reader::declarations(&file, notes, lossy, given))
}

/// Runs bindgen, which panics on what it does not expect.
fn generate(builder: bindgen::Builder) -> Result<bindgen::Bindings, String> {
    let panicked = |cause: Box<dyn Any + Send>| {
        let text = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
        format!("bindgen fails at something in the headers: {}", text.unwrap_or("a panic"))
    };
    let result = catch_unwind(AssertUnwindSafe(|| builder.generate())).map_err(panicked)?;
    result.map_err(|error| error.to_string())
}

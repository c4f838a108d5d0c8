//! expat in the sandbox, with the same two callbacks as natively.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sandbox::{Result, Sandbox, null};

sandbox::include_library!(expat);

/// Counts where elements begin and end.
///
/// # Errors
///
/// What a guest can do wrong.
///
/// # Panics
///
/// If the document is longer than 2 GiB, or not well-formed.
pub fn element_events(document: &[u8]) -> Result<u64> {
    let mut sb = Sandbox::<expat::Library>::new()?;
    let count = Arc::new(AtomicU64::new(0));
    let (starts, ends) = (Arc::clone(&count), Arc::clone(&count));
    let start = sb.register_callback::<expat::XML_StartElementHandler, _>(move |_, _| {
        starts.fetch_add(1, Ordering::Relaxed);
        Ok(())
    })?;
    let end = sb.register_callback::<expat::XML_EndElementHandler, _>(move |_, _| {
        ends.fetch_add(1, Ordering::Relaxed);
        Ok(())
    })?;
    let parser = expat::XML_ParserCreate(&mut sb, null())?;
    expat::XML_SetElementHandler(&mut sb, parser, &start, &end)?;
    let text = sb.copy_in(document)?;
    let length = i32::try_from(document.len()).expect("a document of less than 2 GiB");
    expat::XML_Parse(&mut sb, parser, text.as_ptr().cast(), length, 1)?;
    expat::XML_ParserFree(&mut sb, parser)?;
    Ok(count.load(Ordering::Relaxed))
}

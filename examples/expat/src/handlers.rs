//! The callbacks: where expat enters the host.

use sandbox::{Callback, Sandbox, TaintedPtr};

use crate::Result;
use crate::collector::Collector;
use crate::guest::Library;
use crate::guest::expat::{self, XML_ParserStruct};

/// expat's handlers, registered until this is dropped. Each finds the [`Collector`] behind its first argument, the user data.
#[derive(Debug)]
pub(crate) struct Handlers {
    pub(crate) start: Callback<expat::XML_StartElementHandler>,
    pub(crate) end: Callback<expat::XML_EndElementHandler>,
    pub(crate) text: Callback<expat::XML_CharacterDataHandler>,
    pub(crate) comment: Callback<expat::XML_CommentHandler>,
    pub(crate) instruction: Callback<expat::XML_ProcessingInstructionHandler>,
}

impl Handlers {
    pub(crate) fn register(sb: &mut Sandbox<Library>) -> Result<Self> {
        Ok(Self {
            start: sb.register_callback::<expat::XML_StartElementHandler, _>(|sb, (user_data, name, attributes)| {
                Ok(sb.with_app::<Collector, _>(user_data, |sb, events| events.start(sb, name, attributes))??)
            })?,
            end: sb.register_callback::<expat::XML_EndElementHandler, _>(|sb, (user_data, name)| {
                Ok(sb.with_app::<Collector, _>(user_data, |sb, events| events.end(sb, name))??)
            })?,
            text: sb.register_callback::<expat::XML_CharacterDataHandler, _>(|sb, (user_data, text, length)| {
                Ok(sb.with_app::<Collector, _>(user_data, |sb, events| events.text(sb, text, length))??)
            })?,
            comment: sb.register_callback::<expat::XML_CommentHandler, _>(|sb, (user_data, comment)| {
                Ok(sb.with_app::<Collector, _>(user_data, |sb, events| events.comment(sb, comment))??)
            })?,
            instruction: sb.register_callback::<expat::XML_ProcessingInstructionHandler, _>(|sb, (user_data, target, data)| {
                Ok(sb.with_app::<Collector, _>(user_data, |sb, events| events.instruction(sb, target, data))??)
            })?,
        })
    }

    /// Gives the callbacks to a parser.
    pub(crate) fn set(&self, sb: &mut Sandbox<Library>, parser: TaintedPtr<XML_ParserStruct, Library>) -> Result<()> {
        expat::XML_SetElementHandler(sb, parser, &self.start, &self.end)?;
        expat::XML_SetCharacterDataHandler(sb, parser, &self.text)?;
        expat::XML_SetCommentHandler(sb, parser, &self.comment)?;
        expat::XML_SetProcessingInstructionHandler(sb, parser, &self.instruction)?;
        Ok(())
    }
}

//! The Model Context Protocol over the standard input and output of this process: whoever can
//! start it on this computer is who can use it. No socket is opened.

use crate::agent::{Session, denied, tools};
use cardfile_core::{Core, Error, agents::Denied, domain::Sentence};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, Implementation, ListResourcesResult, ListToolsResult,
        PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, Resource,
        ResourceContents, ResourcesCapability, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
    },
    service::{RequestContext, ServerInitializeError},
    transport::async_rw::AsyncRwTransport,
};
use std::sync::Arc;

/// Bytes of one message: a proposal is far smaller.
const LONGEST: usize = 256 << 10;
/// Where saved views stand among the resources.
const SEGMENTS: &str = "cardfile://segments/";

/// Serves one client until its program goes away.
pub fn serve(core: Arc<Core>, client: &str) -> Result<(), Error> {
    let server = Server { session: Session::open(core, client)? };
    let failed = |error: &dyn std::fmt::Display| Error::new(cardfile_core::Code::Internal, Sentence::verbatim(error));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| failed(&e))?;
    let served = runtime.block_on(async {
        let transport = AsyncRwTransport::<RoleServer, _, _>::new(tokio::io::stdin(), tokio::io::stdout());
        match rmcp::serve_server(server, transport.with_max_line_length(LONGEST)).await {
            Ok(running) => running.waiting().await.map(drop).map_err(|error| failed(&error)),
            // It went away before it said a word.
            Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    });
    // A read of the standard input that nobody answers any more is not waited for.
    runtime.shutdown_background();
    served
}

struct Server {
    session: Session,
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let mut can = ServerCapabilities::builder().enable_tools().build();
        can.resources = Some(ResourcesCapability::default());
        ServerConfig::new(can)
            .with_instructions(tools::INSTRUCTIONS)
            .with_server_info(Implementation::new("cardfile", env!("CARGO_PKG_VERSION")))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tool = |one: tools::Definition| {
            let can_write = one.tool.proposes();
            let annotations = ToolAnnotations::new().read_only(!can_write).destructive(false).open_world(false);
            Tool::new(one.tool.as_str(), one.description, Arc::new(one.takes)).with_annotations(annotations)
        };
        Ok(ListToolsResult::with_all_items(self.session.tools().into_iter().map(tool).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let told = self.session.call(&request.name, request.arguments.unwrap_or_default());
        Ok(match told {
            Ok(value) => CallToolResult::structured(value).into(),
            Err(why) => CallToolResult::structured_error(denied(&why)).into(),
        })
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let all = match self.session.segments() {
            Ok(all) => all,
            // Whoever talks with customers has no lists: that there are none is all it is told.
            Err(Denied::Refused(..)) => Vec::new(),
            Err(error) => return Err(refused(&error)),
        };
        let resource = |one: cardfile_core::agents::segments::Offered| {
            Resource::new(format!("{SEGMENTS}{}", one.id), one.name).with_mime_type("application/json")
        };
        Ok(ListResourcesResult::with_all_items(all.into_iter().map(resource).collect()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let id = request.uri.strip_prefix(SEGMENTS).unwrap_or_default();
        let value = self.session.segment(id).map_err(|why| refused(&why))?;
        let contents = ResourceContents::text(value.to_string(), request.uri);
        Ok(ReadResourceResult::new(vec![contents.with_mime_type("application/json")]).into())
    }
}

fn refused(why: &Denied) -> ErrorData {
    ErrorData::invalid_params(why.message().to_string(), Some(denied(why)))
}

//! A request of a manifest, understood: it only needs its values.

use super::{
    given::{Given, Source},
    ops::{Op, OpName},
    template::Template,
    tree::Tree,
};
use serde_json::Value as Json;

/// A request that only needs its values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    pub(super) name: OpName,
    pub(super) op: Op,
    pub(super) path: Template,
    pub(super) query: Vec<(String, Tree)>,
    pub(super) body: Option<Tree>,
    /// What the place in a list is called behind the `?`.
    pub(super) param: Option<Template>,
}

impl Call {
    /// Understands a request; else says which part of it is wrong, and why.
    pub(super) fn new(name: OpName, op: &Op) -> Result<Self, (String, String)> {
        let at = |part: &str| {
            let part = part.to_owned();
            move |why: String| (part, why)
        };
        let query = op.query.iter().map(|(key, json)| {
            let tree = Tree::parse(json).map_err(at(&format!("query.{key}")))?;
            Ok((key.clone(), tree))
        });
        Ok(Self {
            name,
            path: Template::parse(&op.path).map_err(at("path"))?,
            query: query.collect::<Result<_, (String, String)>>()?,
            body: op.body.as_ref().map(Tree::parse).transpose().map_err(at("body"))?,
            param: op
                .paging
                .as_ref()
                .and_then(|paging| paging.param.as_deref())
                .map(Template::parse)
                .transpose()
                .map_err(at("paging.param"))?,
            op: op.clone(),
        })
    }

    /// What stands behind the `?`, but for the place in a list.
    pub(super) fn query(&self, given: &Given<'_>) -> Vec<(String, String)> {
        let pairs = self.query.iter().filter_map(|(key, tree)| Some((key.clone(), text(&tree.make(given)?)?)));
        pairs.collect()
    }

    /// What the place in a list is called there.
    pub(super) fn param(&self, given: &Given<'_>) -> Option<String> {
        self.param.as_ref()?.plain(given)
    }

    /// Its body; nothing for one without.
    pub(super) fn body(&self, given: &Given<'_>) -> Option<Json> {
        self.body.as_ref()?.make(given)
    }

    /// Records of one request, at most.
    pub(super) fn most(&self) -> usize {
        self.op.batch.unwrap_or(1).max(1) as usize
    }

    /// Whether several records go in one request.
    pub(super) fn is_batch(&self) -> bool {
        self.op.batch.is_some()
    }

    /// Every value that it needs, and where.
    pub(super) fn sources(&self) -> Vec<(&'static str, &Source)> {
        let path = self.path.sources().map(|source| ("path", source));
        let query = self.query.iter().flat_map(|(_, tree)| tree.sources()).map(|source| ("query", source));
        let body = self.body.iter().flat_map(Tree::sources).map(|source| ("body", source));
        let param = self.param.iter().flat_map(Template::sources).map(|source| ("paging.param", source));
        path.chain(query).chain(body).chain(param).collect()
    }

    /// Whether a node of this kind is in its body or its query.
    pub(super) fn has(&self, is_it: impl Fn(&Tree) -> bool) -> bool {
        self.query.iter().map(|(_, tree)| tree).chain(&self.body).any(|tree| tree.has(&is_it))
    }
}

fn text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(is) => Some(is.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

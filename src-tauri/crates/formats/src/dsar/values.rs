//! Values as a person reads them, in the language of the answer: moments, the words of closed
//! lists, by which way something came to be, and what each kind of data is called. Files for
//! programs keep what stands in the workspace.

use super::words::Language;
use cardfile_domain::{Millis, time::DateOrder};

const MONTHS: [[&str; 12]; 2] = [
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"],
];

/// How often a task comes: the word of RFC 5545, for one and for several of them.
const OFTEN: [(&str, [&str; 2], [&str; 2]); 5] = [
    ("HOURLY", ["every hour", "every {} hours"], ["cada hora", "cada {} horas"]),
    ("DAILY", ["every day", "every {} days"], ["cada día", "cada {} días"]),
    ("WEEKLY", ["every week", "every {} weeks"], ["cada semana", "cada {} semanas"]),
    ("MONTHLY", ["every month", "every {} months"], ["cada mes", "cada {} meses"]),
    ("YEARLY", ["every year", "every {} years"], ["cada año", "cada {} años"]),
];

impl Language {
    /// A moment of RFC 3339 in words: `21 Nov 2026, 09:00 UTC`. Nothing for any other text.
    pub fn moment(self, text: &str) -> Option<String> {
        if text.len() < 20 || text.as_bytes().get(10) != Some(&b'T') {
            return None;
        }
        let utc = Millis::parse(text, DateOrder::DayFirst)?.to_rfc3339_seconds();
        let (day, time) = utc.split_once('T')?;
        Some(format!("{}, {} UTC", self.day(day)?, time.get(..5)?))
    }

    /// A day in words, also one without a year: `2026-11-21`, `--11-21`. Nothing for any other text.
    pub fn day(self, text: &str) -> Option<String> {
        let (year, rest) = match text.strip_prefix("--") {
            Some(rest) => ("", rest),
            None => text.split_once('-')?,
        };
        let (month, day) = rest.split_once('-')?;
        let number = |part: &str| -> Option<usize> {
            (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok()).flatten()
        };
        let (month, day) = (number(month)?, number(day)?);
        let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
        if !(year.is_empty() && text.starts_with("--") || is_year) || !(1..=31).contains(&day) {
            return None;
        }
        let name = MONTHS[self as usize].get(month.checked_sub(1)?)?;
        Some(format!("{day} {name} {year}").trim_end().to_owned())
    }

    /// How often a task comes (RFC 5545): `FREQ=WEEKLY;INTERVAL=2`. Nothing for what is no rule.
    pub fn repeats(self, rule: &str) -> Option<String> {
        let part = |name: &str| rule.split(';').filter_map(|part| part.split_once('=')).find(|(key, _)| *key == name);
        let (_, freq) = part("FREQ")?;
        let (_, english, spanish) = OFTEN.iter().find(|(word, ..)| *word == freq)?;
        let [one, several] = match self {
            Self::English => english,
            Self::Spanish => spanish,
        };
        Some(match part("INTERVAL") {
            Some((_, times)) if times != "1" => several.replace("{}", times),
            _ => (*one).to_owned(),
        })
    }

    /// A word of a closed list in words. Nothing for a word that the list does not have: somebody
    /// wrote it, and it stands as it is.
    pub fn value(self, list: &str, word: &str) -> Option<String> {
        let own = |english: &'static str, spanish: &'static str| match self {
            Self::English => english,
            Self::Spanish => spanish,
        };
        let of_list = || VALUES.iter().filter(move |(known, ..)| *known == list);
        if let Some((_, _, english, spanish)) = of_list().find(|(_, known, ..)| *known == word) {
            return Some(own(english, spanish).to_owned());
        }
        // `import customers.csv`: what follows is a name.
        let (_, begins, english, spanish) =
            of_list().find(|(_, begins, ..)| begins.ends_with(' ') && word.starts_with(*begins))?;
        Some(format!("{}{}", own(english, spanish), &word[begins.len()..]))
    }
}

/// Lists with their words: the list, the word, English and Spanish. A word that ends in a blank
/// stands for all that begin so.
static VALUES: &[(&str, &str, &str, &str)] = &[
    ("kind", "person", "a person", "una persona"),
    ("kind", "organization", "a business or an authority", "una empresa o una institución"),
    ("identity", "anonymous", "nobody knows who it is", "no se sabe quién es"),
    ("identity", "identified", "said, and not proven", "declarada, sin comprobar"),
    ("identity", "verified", "proven", "comprobada"),
    ("stage_by", "rule", "an automation rule", "una regla automática"),
    ("stage_by", "hand", "a person", "una persona"),
    ("source", "manual", "typed in by us", "lo escribimos nosotros"),
    ("source", "import", "a file we imported", "un archivo que importamos"),
    ("source", "email", "an email", "un correo"),
    ("source", "widget", "the chat of a website", "el chat de un sitio web"),
    ("source", "api", "another program", "otro programa"),
    ("status", "idle", "waiting, or over", "en espera, o terminada"),
    ("status", "running", "under way", "en curso"),
    ("status", "canceled", "given up", "cancelada"),
    ("outcome", "pending", "not done yet", "aún no realizada"),
    ("outcome", "success", "done", "realizada"),
    ("outcome", "failure", "tried in vain", "se intentó sin éxito"),
    ("sort", "restricted", "your data are kept and not used", "sus datos se conservan y no se usan"),
    ("sort", "objected", "your data are not used for a purpose", "sus datos no se usan para una finalidad"),
    ("sort", "held", "your data must not be deleted", "sus datos no se pueden suprimir"),
    ("sort", "token", "an access token", "una clave de acceso de un programa"),
    ("sort", "password", "a password", "una contraseña"),
    ("demand", "access", "access to your data", "acceso a sus datos"),
    ("demand", "rectification", "correction of your data", "rectificación de sus datos"),
    ("demand", "erasure", "erasure of your data", "supresión de sus datos"),
    ("demand", "restriction", "restriction of their use", "limitación de su uso"),
    ("demand", "portability", "your data to take elsewhere", "sus datos para llevarlos a otro sitio"),
    ("demand", "objection", "objection to their use", "oposición a su uso"),
    ("state", "received", "it is made sure who asks", "se comprueba quién pregunta"),
    ("state", "identity_ok", "waits for a decision", "pendiente de decisión"),
    ("state", "approved", "is being done", "en curso"),
    ("state", "refused", "refused", "denegada"),
    ("state", "done", "done", "atendida"),
    ("state", "done_with_exceptions", "done in part", "atendida en parte"),
    ("state", "withdrawn", "taken back", "retirada"),
    ("state", "waiting", "waits for a decision", "pendiente de decisión"),
    ("state", "written", "agreed to, and written", "aceptada y escrita"),
    ("state", "rejected", "not agreed to", "no aceptada"),
    ("sort", "memory", "something to be kept in mind", "algo que recordar"),
    ("sort", "task", "something to be done", "algo que hacer"),
    ("sort", "update", "another value", "otro valor"),
    ("sort", "conversation", "a conversation to be kept", "una conversación que guardar"),
    ("sort", "access", "to see your card", "ver su ficha"),
    ("sort", "no_agents", "your data are not told to agents", "sus datos no se dan a agentes"),
    ("tool", "identify", "who you are", "quién es usted"),
    ("tool", "get_contact_context", "what is known of you", "lo que se sabe de usted"),
    ("tool", "search_memories", "what is kept in mind", "lo que se recuerda"),
    ("tool", "remember", "to keep something in mind", "recordar algo"),
    ("tool", "list_tasks", "what is to be done for you", "lo que hay que hacer para usted"),
    ("tool", "propose_task", "something to be done", "algo que hacer"),
    ("tool", "propose_update", "another value", "otro valor"),
    ("tool", "log_conversation", "to keep a conversation", "guardar una conversación"),
    ("result", "ok", "what it asked for", "lo que pidió"),
    ("result", "proposal", "nothing yet: a person decides", "nada aún: decide una persona"),
    ("result", "applied", "it was written", "se escribió"),
    ("result", "refused", "nothing", "nada"),
    ("how", "token", "by a signed token", "por un token firmado"),
    ("how", "hash", "by a keyed hash", "por un hash con clave"),
    ("how", "operator", "somebody of ours said so", "lo indicó alguien de la empresa"),
    ("how", "staff", "somebody of ours asked", "preguntó alguien de la empresa"),
    ("why", "not_verified", "it was not known who asked", "no se sabía quién preguntaba"),
    ("why", "bad_proof", "the proof did not hold", "la prueba no era válida"),
    ("why", "nobody", "the ID was not yours", "el identificador no era suyo"),
    ("why", "another_card", "it was about somebody else", "se refería a otra persona"),
    ("why", "not_approved", "it may not know that", "no puede saber eso"),
    ("why", "not_for_agents", "your data are not told to agents", "sus datos no se dan a agentes"),
    ("why", "too_many", "it asked too often", "preguntó demasiadas veces"),
    ("why", "stopped", "all programs were stopped", "todos los programas estaban detenidos"),
    ("ground", "unfounded", "the request is manifestly unfounded", "la solicitud es manifiestamente infundada"),
    ("ground", "excessive", "the request is excessive", "la solicitud es excesiva"),
    ("ground", "identity_unknown", "it is not known who asked", "no se sabe quién la presentó"),
    ("ground", "rights_of_others", "the rights of others", "los derechos de otras personas"),
    ("ground", "expression", "freedom of expression and information", "la libertad de expresión e información"),
    ("ground", "legal_obligation", "a law obliges us to keep the data", "una ley nos obliga a conservar los datos"),
    ("ground", "public_health", "public health", "la salud pública"),
    ("ground", "archiving", "archiving, research or statistics", "archivo, investigación o estadística"),
    ("ground", "legal_claims", "a legal claim", "una reclamación"),
    ("ground", "compelling_grounds", "compelling legitimate grounds", "motivos legítimos imperiosos"),
    ("channel", "email", "by email", "por correo"),
    ("channel", "phone", "by phone", "por teléfono"),
    ("channel", "paper", "on paper", "en papel"),
    ("channel", "person", "in person", "en persona"),
    ("channel", "letter", "by letter", "por carta"),
    ("channel", "form", "in a form", "en un formulario"),
    ("channel", "widget", "in the chat of a website", "en el chat de un sitio web"),
    ("axis", "card", "you", "usted"),
    ("axis", "tier", "everybody of an access tier", "todos los de un nivel de acceso"),
    ("axis", "department", "everybody of a department", "todos los de un departamento"),
    ("axis", "tag", "everybody with a tag", "todos los que tienen una etiqueta"),
    ("connector", "session", "visits to a website", "visitas a un sitio web"),
    ("connector", "vcard", "a file of an address book", "un archivo de una libreta de direcciones"),
    ("connector", "external", "another system", "otro sistema"),
    ("connector", "sample", "made-up people to try with", "personas inventadas para probar"),
    ("by", "cardfile", "the program by itself", "el programa por sí solo"),
    ("by", "a rule", "an automation rule", "una regla automática"),
    ("by", "rule", "an automation rule", "una regla automática"),
    ("by", "team", "the team", "el equipo"),
    ("by", "agent", "a program that answers people", "un programa que responde a las personas"),
    ("by", "filter", "a saved view", "una vista guardada"),
    ("author", "cardfile", "the program by itself", "el programa por sí solo"),
    ("what", "stage", "your stage", "su etapa"),
    ("what", "tier", "your access tier", "su nivel de acceso"),
    ("what", "memory", "something an agent keeps in mind", "algo que un agente recuerda"),
    ("what", "rule", "something a rule did", "algo que hizo una regla"),
    ("what", "segment", "a saved view you are in", "una vista guardada en la que usted está"),
    ("logic", "set by the team", "set by the team", "lo fijó el equipo"),
    (
        "logic",
        "set by the team, by a file or by another program",
        "set by the team, by a file or by another program",
        "lo fijó el equipo, un archivo u otro programa",
    ),
    ("logic", "set by an automation rule", "set by an automation rule", "lo fijó una regla automática"),
    (
        "logic",
        "an automation rule that is gone since",
        "an automation rule that is gone since",
        "una regla automática que ya no existe",
    ),
    (
        "logic",
        "concluded from a conversation; confidence ",
        "concluded from a conversation; how sure, from 0 to 1: ",
        "se dedujo de una conversación; certeza, de 0 a 1: ",
    ),
    (
        "logic",
        "in the saved view while its filter lets through: ",
        "you are in it as long as this fits: ",
        "usted está en ella mientras se cumpla esto: ",
    ),
    ("basis", "6(1)(a)", "your consent (Art. 6(1)(a))", "su consentimiento (art. 6(1)(a))"),
    ("basis", "6(1)(b)", "a contract with you (Art. 6(1)(b))", "un contrato con usted (art. 6(1)(b))"),
    ("basis", "6(1)(c)", "a law (Art. 6(1)(c))", "una ley (art. 6(1)(c))"),
    ("basis", "6(1)(d)", "vital interests (Art. 6(1)(d))", "intereses vitales (art. 6(1)(d))"),
    ("basis", "6(1)(e)", "a public task (Art. 6(1)(e))", "una misión de interés público (art. 6(1)(e))"),
    ("basis", "6(1)(f)", "our legitimate interest (Art. 6(1)(f))", "nuestro interés legítimo (art. 6(1)(f))"),
    ("format", "csv", "the whole card", "la ficha completa"),
    ("format", "xlsx", "the whole card", "la ficha completa"),
    ("format", "parquet", "the whole card", "la ficha completa"),
    ("format", "vcard", "the whole card", "la ficha completa"),
    ("format", "ndjson", "the whole card", "la ficha completa"),
    ("format", "everything", "the whole card with everything on it", "la ficha completa con todo lo que contiene"),
    ("why", "derived", "worked out from the rest", "se calcula a partir del resto"),
    ("why", "security", "a credential", "una credencial"),
    ("why", "internal", "internal to the business", "interno de la empresa"),
    ("why", "third_party", "somebody else's", "de otra persona"),
    ("why", "business", "about no person", "no se refiere a ninguna persona"),
    ("way", "contact create", "typed in by us", "lo escribimos nosotros"),
    ("way", "contact edit", "changed by us", "lo cambiamos nosotros"),
    ("way", "contact bin", "put in the bin by us", "lo enviamos a la papelera"),
    ("way", "contact restore", "taken out of the bin by us", "lo sacamos de la papelera"),
    ("way", "import", "a file we imported", "un archivo que importamos"),
    ("way", "import ", "a file we imported: ", "un archivo que importamos: "),
    ("way", "sample load", "made-up people to try with", "personas inventadas para probar"),
    ("way", "field change", "a field of all cards was changed", "se cambió un campo de todas las fichas"),
    ("way", "field change ", "a field of all cards was changed: ", "se cambió un campo de todas las fichas: "),
    ("way", "tag change ", "a tag of all cards was changed: ", "se cambió una etiqueta de todas las fichas: "),
    ("way", "tag change", "a tag of all cards was changed", "se cambió una etiqueta de todas las fichas"),
    ("way", "contact tag", "a tag was put on or taken off by us", "pusimos o quitamos una etiqueta"),
    ("way", "part change", "written down by us", "lo anotamos nosotros"),
    ("way", "ingest", "sent by a program: a chat, a form, a shop", "lo envió un programa: chat, formulario, tienda"),
    ("way", "contact join", "merged from two cards", "se unieron dos fichas"),
    ("way", "contact combine", "merged from two cards", "se unieron dos fichas"),
    ("way", "contact distinguish", "said to be two people by us", "indicamos que son dos personas"),
    ("way", "contact archive", "put in the archive by us", "lo enviamos al archivo"),
    ("way", "contact unarchive", "taken out of the archive by us", "lo sacamos del archivo"),
    ("way", "cell edit", "typed into a list by us", "lo escribimos en una lista"),
    ("way", "bin empty", "the bin was emptied", "se vació la papelera"),
    ("way", "rule run", "an automation rule", "una regla automática"),
    ("way", "rule run ", "an automation rule: ", "una regla automática: "),
    ("way", "sync run", "a connection to another system", "una conexión con otro sistema"),
    ("way", "sync run ", "a connection: ", "una conexión: "),
    ("way", "sync decide", "chosen by us between two systems", "lo elegimos entre dos sistemas"),
    ("way", "erase", "erased for good", "se suprimió para siempre"),
    ("way", "privacy", "what you said or asked about your data", "lo que usted dijo o pidió sobre sus datos"),
    ("way", "undo", "a change was taken back", "se deshizo un cambio"),
    ("way", "redo", "a change was made again", "se rehízo un cambio"),
    ("way", "rollback", "a change that was cut off was taken back", "se deshizo un cambio interrumpido"),
    ("about", "contact", "Card", "Ficha"),
    ("about", "tag", "Tag", "Etiqueta"),
    ("about", "custom_field", "Own field", "Campo propio"),
    ("about", "note", "Note", "Nota"),
    ("about", "task", "Task", "Tarea"),
    ("about", "memory", "Kept in mind", "Recuerdo"),
    ("about", "conversation", "Conversation", "Conversación"),
    ("about", "message", "Message", "Mensaje"),
    ("about", "rating", "Rating", "Valoración"),
    ("about", "activity", "Activity", "Actividad"),
    ("about", "payment_account", "Payment account", "Cuenta de pago"),
    ("about", "avatar", "Picture", "Imagen"),
    ("about", "space", "Folder", "Carpeta"),
    ("about", "placement", "Folder on your card", "Carpeta en su ficha"),
    ("about", "file", "File", "Archivo"),
    ("about", "secret", "Credential", "Credencial"),
    ("about", "knowledge_base", "Collection of answers", "Colección de respuestas"),
    ("about", "rule", "What agents may look up", "Lo que los agentes pueden consultar"),
    ("about", "distinction", "Somebody else", "Otra persona"),
    ("about", "segment", "Saved view", "Vista guardada"),
    ("about", "recipe", "Kind of export", "Tipo de exportación"),
    ("about", "automation", "Automation rule", "Regla automática"),
    ("about", "consent", "Consent", "Consentimiento"),
    ("about", "restriction", "Restriction", "Limitación"),
    ("table", "contact", "Cards of people", "Fichas de personas"),
    ("table", "contact_item", "Emails, phones, addresses", "Correos, teléfonos, direcciones"),
    ("table", "contact_tag", "Tags on cards", "Etiquetas en fichas"),
    ("table", "link", "IDs at other systems", "Identificadores en otros sistemas"),
    ("table", "pair", "Records at other systems", "Registros en otros sistemas"),
    ("table", "note", "Notes", "Notas"),
    ("table", "task", "Tasks", "Tareas"),
    ("table", "memory", "What agents keep in mind", "Lo que recuerdan los agentes"),
    ("table", "conversation", "Conversations", "Conversaciones"),
    ("table", "message", "Messages", "Mensajes"),
    ("table", "rating", "Ratings", "Valoraciones"),
    ("table", "activity", "Activities", "Actividades"),
    ("table", "payment_account", "Accounts at payment providers", "Cuentas en proveedores de pago"),
    ("table", "avatar", "Pictures", "Imágenes"),
    ("table", "placement", "Folders on cards", "Carpetas en fichas"),
    ("table", "space", "Folders", "Carpetas"),
    ("table", "file", "Files", "Archivos"),
    ("table", "secret", "Credentials, without their values", "Credenciales, sin sus valores"),
    ("table", "sealed", "Values of credentials", "Valores de credenciales"),
    ("table", "rule", "What agents may look up", "Lo que los agentes pueden consultar"),
    ("table", "distinction", "People who were told apart", "Personas que se distinguieron"),
    ("table", "consent", "Consents", "Consentimientos"),
    ("table", "restriction", "Restrictions", "Limitaciones"),
    ("table", "request", "Requests about data", "Solicitudes sobre datos"),
    ("table", "disclosure", "What left to other systems", "Lo que salió hacia otros sistemas"),
    ("table", "quarantine", "Records that could not be read", "Registros que no se pudieron leer"),
    ("table", "export_log", "Files that were exported", "Archivos exportados"),
    ("table", "change", "Every single change", "Cada cambio"),
    ("table", "operation", "What was done", "Lo que se hizo"),
    ("table", "import_memory", "Marks of imported lines", "Huellas de líneas importadas"),
    ("table", "message_text", "Index of the words in messages", "Índice de palabras de los mensajes"),
    ("table", "note_text", "Index of the words in notes", "Índice de palabras de las notas"),
    ("table", "memory_text", "Index of the words kept in mind", "Índice de palabras de los recuerdos"),
    ("table", "schema_step", "Versions of the program", "Versiones del programa"),
    ("table", "counter", "Counters", "Contadores"),
    ("table", "tag", "Tags there are", "Etiquetas que existen"),
    ("table", "custom_field", "Own fields there are", "Campos propios que existen"),
    ("table", "setting", "Settings", "Ajustes"),
    ("table", "knowledge_base", "Collections of answers", "Colecciones de respuestas"),
    ("table", "segment", "Saved views", "Vistas guardadas"),
    ("table", "recipe", "Kinds of exports", "Tipos de exportación"),
    ("table", "automation", "Automation rules", "Reglas automáticas"),
    ("table", "purpose", "Purposes", "Finalidades"),
    ("table", "wording", "Texts people are asked with", "Textos con los que se pregunta"),
    ("table", "retention_rule", "Rules for how long data are kept", "Reglas sobre cuánto se conservan los datos"),
    ("table", "retention_run", "What these rules did", "Lo que hicieron esas reglas"),
    ("table", "audit", "Log of deeds for privacy", "Registro de actuaciones de privacidad"),
    ("table", "remote", "Connections to other systems", "Conexiones con otros sistemas"),
    ("table", "webhook", "Programs that are told of changes", "Programas a los que se avisa de cambios"),
    ("table", "webhook_message", "That they were told, without what", "Que se les avisó, sin lo que se dijo"),
    ("table", "tombstone", "Records that were deleted elsewhere", "Registros eliminados en otro sitio"),
    ("table", "bridge_change", "Changes for the team", "Cambios para el equipo"),
    ("table", "bridge_end", "How far the team knows them", "Hasta dónde los conoce el equipo"),
    ("table", "sync_run", "Runs of connections", "Ejecuciones de conexiones"),
    ("table", "suppression", "Marks that keep erased people away", "Marcas para que no vuelva quien fue suprimido"),
    ("table", "client_token", "Programs that may come in", "Programas que pueden entrar"),
    ("table", "client_deed", "Marks of what programs asked for", "Huellas de lo que pidieron los programas"),
    ("table", "identity_key", "Keys that prove who somebody is", "Claves que prueban quién es alguien"),
    ("table", "identity_seen", "Marks of proofs that were used", "Huellas de pruebas que ya se usaron"),
    (
        "table",
        "identity_grant",
        "Which programs proved that they talk with you",
        "Qué programas probaron que hablan con usted",
    ),
    ("table", "lead", "What programs told and nobody decided yet", "Lo que contaron programas y nadie ha decidido"),
    ("table", "agent_client", "Programs that may ask", "Programas que pueden preguntar"),
    ("table", "agent_grant", "Which programs could see you", "Qué programas podían verle"),
    ("table", "agent_proposal", "What programs proposed", "Lo que propusieron los programas"),
    ("table", "agent_call", "What programs asked for", "Lo que preguntaron los programas"),
    ("table", "erasure", "Erasures, without a name", "Supresiones, sin nombre"),
    ("table", "erasure_delivery", "Who was told of an erasure", "A quién se avisó de una supresión"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::collections::HashSet;

    #[rstest]
    #[case("2026-11-21T09:00:05Z", "21 Nov 2026, 09:00 UTC", "21 nov 2026, 09:00 UTC")]
    #[case("2026-01-02T03:04:05.678Z", "2 Jan 2026, 03:04 UTC", "2 ene 2026, 03:04 UTC")]
    #[case("2026-09-30T23:30:00-02:00", "1 Oct 2026, 01:30 UTC", "1 oct 2026, 01:30 UTC")]
    fn a_moment_is_said_in_words(#[case] text: &str, #[case] english: &str, #[case] spanish: &str) {
        assert_eq!(Language::English.moment(text).as_deref(), Some(english));
        assert_eq!(Language::Spanish.moment(text).as_deref(), Some(spanish));
    }

    #[rstest]
    #[case("1990-05-01", Some("1 May 1990"))]
    #[case("--05-01", Some("1 May"))]
    #[case("1990-13-01", None)]
    #[case("1990-05-00", None)]
    #[case("-05-01", None)]
    #[case("May", None)]
    #[case("", None)]
    fn a_day_is_said_in_words_and_nothing_else_is_taken_for_one(#[case] text: &str, #[case] said: Option<&str>) {
        assert_eq!(Language::English.day(text).as_deref(), said);
        assert_eq!(Language::English.moment(text), None);
    }

    #[test]
    fn a_word_of_a_list_is_said_in_words_and_a_name_after_it_stays() {
        assert_eq!(Language::English.value("way", "contact create").as_deref(), Some("typed in by us"));
        assert_eq!(
            Language::Spanish.value("way", "import customers.csv").as_deref(),
            Some("un archivo que importamos: customers.csv")
        );
        assert_eq!(Language::English.value("kind", "import customers.csv"), None, "each list has its own words");
        assert_eq!(Language::English.value("source", "Fair in Bilbao"), None);
        assert_eq!(Language::Spanish.repeats("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO").as_deref(), Some("cada 2 semanas"));
        assert_eq!(Language::English.repeats("FREQ=DAILY").as_deref(), Some("every day"));
        assert_eq!(Language::English.repeats("when he calls"), None);
    }

    #[test]
    fn no_word_of_a_list_stands_there_twice() {
        let words: HashSet<(&str, &str)> = VALUES.iter().map(|(list, word, ..)| (*list, *word)).collect();
        assert_eq!(words.len(), VALUES.len());
        let tables: HashSet<&str> =
            VALUES.iter().filter(|(list, ..)| *list == "table").map(|(.., spanish)| *spanish).collect();
        assert_eq!(tables.len(), VALUES.iter().filter(|(list, ..)| *list == "table").count());
    }
}

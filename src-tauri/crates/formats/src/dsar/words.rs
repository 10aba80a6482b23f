//! The words of a bundle in the languages it is written in. They stand here and not in the
//! catalogues of the window: a bundle is in the language of the person who asked, whatever the
//! window speaks, and the command line writes it too.

/// The language of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Spanish.
    Spanish,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Spanish];

    /// ISO 639-1.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// Reads the code again.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == code)
    }

    /// Its words.
    pub fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Spanish => &SPANISH,
        }
    }

    /// What a field or a column is called: the words of its key where it has none of its own.
    pub fn label(self, key: &str) -> String {
        let known = LABELS.iter().find(|(known, ..)| *known == key);
        match (known, self) {
            (Some((_, english, _)), Self::English) => (*english).to_owned(),
            (Some((_, _, spanish)), Self::Spanish) => (*spanish).to_owned(),
            (None, _) => key.strip_prefix("custom.").unwrap_or(key).replace('_', " "),
        }
    }
}

macro_rules! words {
    ($( $name:ident: $english:literal, $spanish:literal; )*) => {
        /// The words of one language.
        #[derive(Debug)]
        #[expect(missing_docs, reason = "they say themselves what they are")]
        pub struct Words { $( pub $name: &'static str, )* }

        static ENGLISH: Words = Words { $( $name: $english, )* };
        static SPANISH: Words = Words { $( $name: $spanish, )* };
    };
}

words! {
    title: "Your personal data", "Sus datos personales";
    contents: "Contents", "Contenido";
    intro: "You asked which personal data are kept about you. This folder is the answer (Article 15 of the General \
        Data Protection Regulation). It shows the data as they were on {date}; reference {request}.",
        "Usted preguntó qué datos personales se conservan sobre usted. Esta carpeta es la respuesta (artículo 15 del \
        Reglamento General de Protección de Datos). Muestra los datos tal como estaban el {date}; referencia \
        {request}.";
    intro_nothing: "No personal data are kept about you under what you told: {identifier}. Everything this \
        system can hold was looked through; the list is at the end of this page.",
        "No se conserva ningún dato personal sobre usted con lo que indicó: {identifier}. Se revisó todo lo que este \
        sistema puede guardar; la lista está al final de esta página.";
    intro_read: "You can read this page without a network. The same data stand in the folder data in a form that \
        programs read, and in the folder portability in a form that other services take.",
        "Puede leer esta página sin conexión. Los mismos datos están en la carpeta data en un formato que leen los \
        programas, y en la carpeta portability en un formato que aceptan otros servicios.";
    folder: "What is in this folder", "Qué hay en esta carpeta";
    about_you: "About you", "Sobre usted";
    nothing: "Nothing is kept.", "No se conserva nada.";
    tags: "Tags", "Etiquetas";
    identifiers: "Under which names other systems know you", "Con qué nombres le conocen otros sistemas";
    consents: "Your consents", "Sus consentimientos";
    requests: "Your earlier requests", "Sus solicitudes anteriores";
    notes: "Notes of the team", "Notas del equipo";
    tasks: "Tasks about you", "Tareas sobre usted";
    memories: "What agents keep in mind about you", "Lo que los agentes recuerdan de usted";
    conversations: "Conversations", "Conversaciones";
    conversation: "Conversation", "Conversación";
    ratings: "Your ratings", "Sus valoraciones";
    activities: "What you did", "Lo que usted hizo";
    payments: "Accounts at payment providers", "Cuentas en proveedores de pago";
    pictures: "Pictures", "Imágenes";
    files: "Files", "Archivos";
    secrets: "Credentials that are kept for you (never their values)",
        "Credenciales que se guardan para usted (nunca sus valores)";
    permissions: "What agents may look up for you", "Lo que los agentes pueden consultar para usted";
    distinctions: "Who was said not to be you", "De quién se dijo que no es usted";
    remote_records: "Records about you that could not be read", "Registros sobre usted que no se pudieron leer";
    history: "What was changed about you, and by whom", "Qué se cambió sobre usted y quién lo hizo";
    inferences: "What was concluded about you, and how", "Qué se dedujo sobre usted y cómo";
    recipients: "Who got your data", "Quién recibió sus datos";
    information: "What you have to know", "Lo que debe saber";
    withheld: "What was left out", "Lo que se ha omitido";
    withheld_text: "Where a text names somebody else, that name or address is replaced: they have the same right as \
        you. What was left out, and why, is counted here and in redactions.json.",
        "Cuando un texto nombra a otra persona, ese nombre o esa dirección se sustituye: tiene el mismo derecho que \
        usted. Lo que se ha omitido, y por qué, se cuenta aquí y en redactions.json.";
    withheld_nothing: "Nothing was left out.", "No se ha omitido nada.";
    completeness: "Everything this system can hold", "Todo lo que este sistema puede guardar";
    completeness_text: "Of each kind of data: how many entries are about you, how many of them this folder shows, \
        how many it does not, and why.",
        "De cada clase de datos: cuántas entradas se refieren a usted, cuántas de ellas muestra esta carpeta, cuántas \
        no, y por qué.";
    check: "How to check this folder", "Cómo comprobar esta carpeta";
    check_text: "Nobody can change a byte of it unnoticed. In this folder, with programs that anybody can get:",
        "Nadie puede cambiar un solo byte sin que se note. En esta carpeta, con programas que cualquiera puede \
        obtener:";
    check_key: "The key that signed has this fingerprint; compare it with the one in the letter or message you got: \
        {fingerprint}",
        "La clave que firmó tiene esta huella; compárela con la de la carta o el mensaje que recibió: {fingerprint}";
    purposes: "Why your data are kept", "Para qué se conservan sus datos";
    purposes_text: "To keep in touch with you, to answer you, and to do what you asked for.",
        "Para mantener el contacto con usted, responderle y hacer lo que usted pidió.";
    categories: "Which kinds of data", "Qué clases de datos";
    retention: "How long", "Cuánto tiempo";
    retention_text: "As long as there is contact between us, and after that as long as the law asks for it. Contacts \
        that are put in the bin are removed after 30 days.",
        "Mientras haya contacto entre nosotros y, después, mientras la ley lo exija. Los contactos enviados a la \
        papelera se eliminan a los 30 días.";
    source: "Where they come from", "De dónde proceden";
    source_text: "From you, unless another source is named at a value.",
        "De usted, salvo que junto a un valor se indique otra procedencia.";
    automated: "Decisions by programs", "Decisiones automatizadas";
    automated_text: "No decision about you with legal or similar effect is made by a program alone. What rules \
        conclude is listed below with its logic.",
        "Ninguna decisión sobre usted con efectos jurídicos o similares la toma un programa por sí solo. Lo que \
        deducen las reglas se enumera más abajo con su lógica.";
    transfers: "Outside of the European Economic Area", "Fuera del Espacio Económico Europeo";
    transfers_text: "Where a receiver is in another country, the country and the safeguard stand beside its name.",
        "Si un destinatario está en otro país, el país y la garantía figuran junto a su nombre.";
    rights: "Your rights", "Sus derechos";
    rights_text: "You may ask us to correct your data, to erase them, to restrict their use, and to hand them to you \
        or to somebody else; you may object to their use, and take back any consent at any time.",
        "Puede pedirnos que corrijamos sus datos, los suprimamos, limitemos su uso y se los entreguemos a usted o a \
        un tercero; puede oponerse a su uso y retirar cualquier consentimiento en cualquier momento.";
    complaint: "Where to complain", "Dónde reclamar";
    complaint_text: "You may complain to a supervisory authority, in particular to that of the place where you live \
        or work.",
        "Puede reclamar ante una autoridad de control, en particular la del lugar donde vive o trabaja.";
    controller: "Who is responsible", "Quién es el responsable";
    controller_text: "The business that sent you this folder.", "La empresa que le envió esta carpeta.";
    third_person: "third person", "tercera persona";
    staff: "staff", "personal";
    you: "You", "Usted";
    agent: "Agent", "Agente";
    internal_note: "An internal note of the team", "Una nota interna del equipo";
    shared_file: "A file that also belongs to somebody else", "Un archivo que también es de otra persona";
    unknown_time: "not recorded", "no consta";
    yes: "yes", "sí";
    no: "no", "no";
}

/// Keys of fields and columns: English and Spanish.
static LABELS: &[(&str, &str, &str)] = &[
    ("kind", "Kind", "Tipo"),
    ("name", "Name", "Nombre"),
    ("name_parts", "Name parts", "Partes del nombre"),
    ("nick", "Nickname", "Alias"),
    ("email", "Email", "Correo"),
    ("phone", "Phone", "Teléfono"),
    ("company", "Company", "Empresa"),
    ("company_id", "Company card", "Ficha de la empresa"),
    ("job_title", "Job title", "Cargo"),
    ("department", "Department", "Departamento"),
    ("stage", "Stage", "Etapa"),
    ("stage_by", "Stage set by", "Etapa fijada por"),
    ("stage_since", "In stage since", "En la etapa desde"),
    ("tier", "Access tier", "Nivel de acceso"),
    ("identity", "Identity", "Identidad"),
    ("verified_at", "Verified", "Verificado"),
    ("verified_by", "Verified by", "Verificado por"),
    ("tags", "Tags", "Etiquetas"),
    ("tag", "Tag", "Etiqueta"),
    ("description", "Description", "Descripción"),
    ("preferences", "Preferences", "Preferencias"),
    ("handle", "Handle", "Usuario"),
    ("address", "Address", "Dirección"),
    ("url", "Website", "Sitio web"),
    ("date", "Date", "Fecha"),
    ("external_id", "ID there", "ID allí"),
    ("source", "Source", "Procedencia"),
    ("page_url", "Page", "Página"),
    ("ip_country", "Country by IP", "País por IP"),
    ("first_seen", "First seen", "Visto por primera vez"),
    ("last_seen", "Last seen", "Visto por última vez"),
    ("conversation_count", "Conversations", "Conversaciones"),
    ("metadata", "Metadata", "Metadatos"),
    ("created_at", "Created", "Creado"),
    ("updated_at", "Updated", "Actualizado"),
    ("binned_at", "In the bin since", "En la papelera desde"),
    ("archived_at", "In the archive since", "En el archivo desde"),
    ("field", "Field", "Campo"),
    ("value", "Value", "Valor"),
    ("class", "Kind of data", "Clase de dato"),
    ("since", "Since", "Desde"),
    ("changed", "Changed", "Cambiado"),
    ("text", "Text", "Texto"),
    ("author", "By", "De"),
    ("internal", "Internal", "Interna"),
    ("at", "When", "Cuándo"),
    ("card", "Card", "Ficha"),
    ("id", "ID", "ID"),
    ("connector", "System", "Sistema"),
    ("scope", "Account", "Cuenta"),
    ("remote", "Connection", "Conexión"),
    ("key", "Record there", "Registro allí"),
    ("title", "Title", "Título"),
    ("status", "Status", "Estado"),
    ("outcome", "Outcome", "Resultado"),
    ("starts_at", "Starts", "Empieza"),
    ("last_run_at", "Last done", "Última vez"),
    ("next_run_at", "Due", "Vence"),
    ("rule", "How often", "Con qué frecuencia"),
    ("zone", "Time zone", "Zona horaria"),
    ("confidence", "How sure", "Certeza"),
    ("pinned", "Pinned", "Fijado"),
    ("reason", "Reason", "Motivo"),
    ("detail", "Details", "Detalles"),
    ("label", "Label", "Etiqueta"),
    ("account", "Account", "Cuenta"),
    ("platform", "Platform", "Plataforma"),
    ("messages", "Messages", "Mensajes"),
    ("first_at", "First message", "Primer mensaje"),
    ("last_at", "Last message", "Último mensaje"),
    ("sort", "Sort", "Clase"),
    ("revoked_at", "Revoked", "Revocado"),
    ("bytes", "Bytes", "Bytes"),
    ("file", "File", "Archivo"),
    ("country", "Country", "País"),
    ("safeguard", "Safeguard", "Garantía"),
    ("basis", "Basis", "Base"),
    ("fields", "What", "Qué"),
    ("first_sent", "First", "Primera vez"),
    ("last_sent", "Last", "Última vez"),
    ("purpose", "Purpose", "Finalidad"),
    ("given", "Given", "Otorgado"),
    ("wording", "Version of the text", "Versión del texto"),
    ("sha256", "SHA-256 of the text", "SHA-256 del texto"),
    ("channel", "How it came", "Cómo llegó"),
    ("proof", "Proof", "Prueba"),
    ("request", "Request", "Solicitud"),
    ("lifted_at", "Ended", "Finalizada"),
    ("lifted_by", "Ended by", "Finalizada por"),
    ("lifted_because", "Why it ended", "Por qué finalizó"),
    ("demand", "Right", "Derecho"),
    ("state", "State", "Estado"),
    ("received_at", "Received", "Recibida"),
    ("decided_at", "Decided", "Resuelta"),
    ("ground", "Ground of a refusal", "Motivo de la denegación"),
    ("subject", "Asked as", "Preguntó como"),
    ("reply_to", "Answer to", "Respuesta a"),
    ("note", "Note", "Nota"),
    ("identity_how", "How it was made sure who asks", "Cómo se comprobó quién pregunta"),
    ("extension_reason", "Why it takes longer", "Por qué tarda más"),
    ("decision", "Decision", "Decisión"),
    ("what", "What", "Qué"),
    ("by", "By", "Por"),
    ("from", "Before", "Antes"),
    ("to", "After", "Después"),
    ("logic", "How", "Cómo"),
    ("count", "How many", "Cuántos"),
    ("table", "Kind of data", "Clase de dato"),
    ("way", "How", "De qué modo"),
    ("one", "One", "Una"),
    ("other", "The other", "La otra"),
    ("conversation", "Conversation", "Conversación"),
    ("purposes", "Purposes", "Finalidades"),
    ("consent_at", "When", "Cuándo"),
    ("axis", "For whom", "Para quién"),
    ("everything", "All of it", "Todo"),
    ("documents", "Documents", "Documentos"),
    ("faqs", "Questions and answers", "Preguntas y respuestas"),
    ("labels", "Marked with", "Marcado con"),
    ("any_label", "One of the marks is enough", "Basta una de las marcas"),
    ("confirmed", "Looked at by a person", "Revisado por una persona"),
    ("body", "What it says", "Lo que dice"),
    ("role", "Who wrote", "Quién escribió"),
    ("unread", "Not read yet", "Sin leer"),
    ("space", "Folder", "Carpeta"),
    ("iban", "Bank account", "Cuenta bancaria"),
    ("payment_card", "Payment card", "Tarjeta de pago"),
    ("rows_of_subject", "About you", "Sobre usted"),
    ("rows_exported", "Shown", "Mostradas"),
    ("rows_withheld", "Left out", "Omitidas"),
    ("provided", "provided", "facilitado"),
    ("observed", "observed", "observado"),
    ("inferred", "concluded", "deducido"),
    ("third_party", "somebody else's", "de otra persona"),
    ("trade_secret", "internal to the business", "interno de la empresa"),
    ("legal_privilege", "legal privilege", "secreto profesional"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use cardfile_domain::FIELDS;
    use std::collections::HashSet;

    #[test]
    fn every_field_is_called_something_in_every_language() {
        let keys: HashSet<&str> = LABELS.iter().map(|(key, ..)| *key).collect();
        assert_eq!(keys.len(), LABELS.len(), "a key stands there twice");
        for field in FIELDS {
            assert!(keys.contains(field.key), "{}", field.key);
        }
        assert_eq!(Language::Spanish.label("job_title"), "Cargo");
        assert_eq!(Language::Spanish.label("custom.order_ref"), "order ref");
    }

    #[test]
    fn a_language_is_read_from_its_code() {
        for one in Language::ALL {
            assert_eq!(Language::parse(one.as_str()), Some(one));
        }
        assert_eq!(Language::parse("tlh"), None);
    }
}

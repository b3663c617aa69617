package sarif

// The names are the standard's.

type log struct {
	Schema  string `json:"$schema"`
	Version string `json:"version"`
	Runs    []run  `json:"runs"`
}

type run struct {
	Tool               tool                        `json:"tool"`
	AutomationDetails  automationDetails           `json:"automationDetails"`
	OriginalURIBaseIDs map[string]artifactLocation `json:"originalUriBaseIds,omitempty"`
	Invocations        []invocation                `json:"invocations"`
	Results            []result                    `json:"results"`
	ColumnKind         string                      `json:"columnKind"`
}

type tool struct {
	Driver driver `json:"driver"`
}

type driver struct {
	Name string `json:"name"`
	// Version begins with a digit, where it is one.
	Version        string `json:"version,omitempty"`
	InformationURI string `json:"informationUri"`
	Rules          []rule `json:"rules"`
}

// automationDetails keep apart what several tools say of one commit.
type automationDetails struct {
	ID string `json:"id"`
}

type rule struct {
	ID                   string         `json:"id"`
	ShortDescription     *message       `json:"shortDescription,omitempty"`
	FullDescription      *message       `json:"fullDescription,omitempty"`
	Help                 *message       `json:"help,omitempty"`
	DefaultConfiguration *configuration `json:"defaultConfiguration,omitempty"`
	Properties           map[string]any `json:"properties,omitempty"`
}

type configuration struct {
	Level string `json:"level"`
}

type message struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type invocation struct {
	ExecutionSuccessful        bool           `json:"executionSuccessful"`
	ToolExecutionNotifications []notification `json:"toolExecutionNotifications,omitempty"`
}

type notification struct {
	Level   string  `json:"level"`
	Message message `json:"message"`
}

type result struct {
	RuleID              string            `json:"ruleId"`
	RuleIndex           int               `json:"ruleIndex"`
	Level               string            `json:"level"`
	Message             message           `json:"message"`
	Locations           []location        `json:"locations,omitempty"`
	RelatedLocations    []location        `json:"relatedLocations,omitempty"`
	CodeFlows           []codeFlow        `json:"codeFlows,omitempty"`
	Stacks              []stack           `json:"stacks,omitempty"`
	PartialFingerprints map[string]string `json:"partialFingerprints,omitempty"`
	OccurrenceCount     int64             `json:"occurrenceCount,omitempty"`
	// Suppressions is absent where nothing of the run was suppressed and empty for a
	// result that is not: the standard wants all or none.
	Suppressions *[]suppression `json:"suppressions,omitempty"`
	Properties   properties     `json:"properties"`
}

type suppression struct {
	Kind          string `json:"kind"`
	Status        string `json:"status"`
	Justification string `json:"justification"`
}

// properties are what the standard has no word for.
type properties struct {
	Certainty string            `json:"certainty"`
	Fix       string            `json:"fix,omitempty"`
	Measures  map[string]string `json:"measures,omitempty"`
	Evidence  []string          `json:"evidence,omitempty"`
	SeenIn    []string          `json:"seenIn,omitempty"`
}

type location struct {
	ID               *int              `json:"id,omitempty"`
	PhysicalLocation *physicalLocation `json:"physicalLocation,omitempty"`
	LogicalLocations []logicalLocation `json:"logicalLocations,omitempty"`
	Message          *message          `json:"message,omitempty"`
}

type physicalLocation struct {
	ArtifactLocation artifactLocation `json:"artifactLocation"`
	Region           *region          `json:"region,omitempty"`
}

type artifactLocation struct {
	URI       string `json:"uri"`
	URIBaseID string `json:"uriBaseId,omitempty"`
}

type region struct {
	StartLine int `json:"startLine"`
}

type logicalLocation struct {
	FullyQualifiedName string `json:"fullyQualifiedName"`
	Kind               string `json:"kind"`
}

type codeFlow struct {
	Message     message      `json:"message"`
	ThreadFlows []threadFlow `json:"threadFlows"`
}

type threadFlow struct {
	ID        string               `json:"id"`
	Locations []threadFlowLocation `json:"locations"`
}

type threadFlowLocation struct {
	Location location `json:"location"`
}

type stack struct {
	Message message      `json:"message"`
	Frames  []stackFrame `json:"frames"`
}

type stackFrame struct {
	Location location `json:"location"`
}

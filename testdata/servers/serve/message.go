package main

import "encoding/json"

// message is what requests and replies carry.
type message struct {
	ID      int               `json:"id"`
	Subject string            `json:"subject"`
	Amount  int64             `json:"amount"`
	Tags    map[string]string `json:"tags,omitempty"`
	Text    []byte            `json:"text,omitempty"`
}

// wire is a request as it comes from the network.
var wire = []byte(`{"id":17,"subject":"orders/2041/items","amount":129900,"tags":{"region":"eu-west","tier":"gold","trace":"4bf92f3577b34da6a3ce929d0e0e4736"},"text":"SW4gd2hpY2ggYSBjdXN0b21lciBjaGFuZ2VzIHRoZWlyIG1pbmQgYWJvdXQgdGhlIG9yZGVy"}`)

func parse() (m message, err error) {
	err = json.Unmarshal(wire, &m)
	return m, err
}

func reply(m *message) ([]byte, error) { return json.Marshal(m) }

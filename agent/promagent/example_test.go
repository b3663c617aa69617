package promagent_test

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/concdoctor/concdoctor/agent/promagent"
)

func ExampleNewCollector() {
	registry := prometheus.NewRegistry()
	registry.MustRegister(promagent.NewCollector(promagent.Options{MaxClasses: 20}))

	families, err := registry.Gather() // as promhttp.HandlerFor(registry, …) does
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range families {
		if f.GetName() == "concdoctor_detecting" {
			fmt.Println(f.GetName(), f.GetType())
		}
	}
	// Output: concdoctor_detecting GAUGE
}

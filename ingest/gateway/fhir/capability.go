package fhir

// capability is the CapabilityStatement: what this server can do.
func capability() any {
	type object = map[string]any
	return object{
		"resourceType": "CapabilityStatement",
		"status":       "active",
		"date":         "2026-11-25",
		"kind":         "instance",
		"software":     object{"name": "Titrate"},
		"implementation": object{
			"description": "Takes glucose readings of the HL7 CGM guide. Research software, not a medical device.",
		},
		"fhirVersion": "4.0.1",
		"format":      []string{"json"},
		"rest": []object{{
			"mode":          "server",
			"documentation": "A token of titrate, as Authorization: Bearer, says whose readings are taken.",
			"security":      object{"description": "Authorization: Bearer TOKEN"},
			"resource": []object{{
				"type":              "Observation",
				"supportedProfile":  profiles,
				"interaction":       []object{{"code": "create"}},
				"conditionalCreate": false,
			}},
			"operation": []object{{
				"name":       "submit-cgm-bundle",
				"definition": "http://hl7.org/fhir/uv/cgm/OperationDefinition/submit-cgm-bundle",
			}},
		}},
	}
}

// profiles are those of the HL7 CGM guide for single readings.
var profiles = []string{
	"http://hl7.org/fhir/uv/cgm/StructureDefinition/cgm-sensor-reading-mass-per-volume",
	"http://hl7.org/fhir/uv/cgm/StructureDefinition/cgm-sensor-reading-moles-per-volume",
}

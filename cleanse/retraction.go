package cleanse

// replaces is the id of the event that this one stands in for. A retraction says
// nothing else, so it must name one.
func (x *exam) replaces() string {
	if x.event.Kind == Retraction {
		return x.other(x.required(fieldReplaces, replacesMissing))
	}
	return x.other(x.text(fieldReplaces))
}

// other refuses the event's own id.
func (x *exam) other(id string) string {
	if id != "" && id == x.event.ID {
		x.fault(fieldReplaces.String(), replacesItself, clip(id)+" is the event's own id")
		return ""
	}
	return id
}

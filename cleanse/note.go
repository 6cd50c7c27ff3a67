package cleanse

// note fills the remark.
func (x *exam) note() {
	n := &x.event.Note
	n.Code = x.text(fieldCode)
	n.Text = x.prose(fieldText)
	blank := func(f field) bool { return !x.given(f) || x.isEmpty(f) }
	if blank(fieldCode) && blank(fieldText) {
		x.fault(fieldText.String(), noteEmpty, "a code or a text is required")
	}
}

// prose is text that may be longer than a name.
func (x *exam) prose(f field) string {
	t := x.fields[f]
	if t.form != plainText && t.form != text {
		return x.text(f)
	}
	return x.short(f, x.unquote(t), maxText)
}

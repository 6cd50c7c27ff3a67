package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/train"
)

func newServe() *cobra.Command {
	var brokers brokerFlags
	var doors accessFlags
	var rules ruleFlags
	var address, token, model, models string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the app, its API and the doors for devices",
		Long: "Serve answers the app and its API (/openapi.json describes it), and takes what devices and apps send:\n" +
			"wire events at /v1/events, the uploaders and followers of Nightscout at /api/v1 and /api/v3, FHIR R4 at /fhir.\n" +
			"What it acknowledges is in Kafka. A file of credentials says who may read and write which patient's data:\n\n" +
			"    credentials:\n" +
			"      - patient: anna\n" +
			"        secret: at least 12 characters, such as of openssl rand -hex 16\n" +
			"        may: [read, write]\n\n" +
			"docs/gateway.md tells how to point xDrip+, AndroidAPS, Loop and others at it.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			collectAt(litter)
			who, err := doors.open()
			if err != nil {
				return err
			}
			book, err := rules.open()
			if err != nil {
				return err
			}
			l, err := listenOn("--listen", address)
			if err != nil {
				return err
			}
			defer l.Close() // a second close, after the server's own, does no harm
			scoring, err := openAdapted(cmd.Context(), models, model)
			if errors.Is(err, errNoModel) && !cmd.Flags().Changed("model") {
				// Devices must be able to send before anything was ever trained.
				slog.Warn("serving forecasts of physiology alone", "because", err)
				scoring, err = train.Prior(), nil
			}
			if err != nil {
				return err
			}
			cfg, err := brokers.open(cmd.Context())
			if err != nil {
				return err
			}
			if token == "" {
				token = rand.Text()
			}
			p := page{
				cfg: cfg, topic: brokers.topic, token: token, model: scoring, rules: book, since: fillFrom(time.Now()),
				clock: func(string) time.Time { return time.Now() }, doors: who,
			}
			slog.Info("serving", "listen", l.Addr().String(), "brokers", cfg.Brokers, "topic", brokers.topic, "model", scoring.Name(), "credentials", len(who.credentials))
			begun := time.Now()
			return p.run(cmd.Context(), l, func() {
				slog.Info("ready: the recent past is on the page", "took", time.Since(begun).Round(time.Millisecond))
				fmt.Fprintln(cmd.OutOrStdout(), pageAddress(l.Addr().String(), token))
			})
		},
	}
	brokers.add(cmd)
	doors.add(cmd)
	rules.add(cmd)
	modelFlags(cmd, &models, &model)
	cmd.Flags().StringVar(&address, "listen", "127.0.0.1:8080", "host:port to answer on")
	cmd.Flags().StringVar(&token, "token", "", "token of the app and of devices (default: a new one, printed)")
	return cmd
}

// pageAddress carries the token behind the #, which browsers never send.
func pageAddress(host, token string) string { return fmt.Sprintf("http://%s/#token=%s", host, token) }

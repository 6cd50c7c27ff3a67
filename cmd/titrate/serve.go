package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/infra/ops"
	"github.com/titrate/titrate/train"
)

func newServe() *cobra.Command {
	var brokers brokerFlags
	var listen, token, model, models string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the app, its API and the door for devices",
		RunE: func(cmd *cobra.Command, _ []string) error {
			scoring, err := openModel(cmd.Context(), models, model)
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
			l, err := ops.Listen(listen)
			if err != nil {
				return err
			}
			if token == "" {
				token = rand.Text()
			}
			p := page{
				cfg: cfg, topic: brokers.topic, token: token, model: scoring, since: fillFrom(time.Now()),
				clock: func(string) time.Time { return time.Now() },
			}
			return p.run(cmd.Context(), l, func() {
				fmt.Fprintln(cmd.OutOrStdout(), pageAddress(l.Addr().String(), token))
			})
		},
	}
	brokers.add(cmd)
	modelFlags(cmd, &models, &model)
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "host:port to answer on")
	cmd.Flags().StringVar(&token, "token", "", "token of the app and of devices (default: a new one, printed)")
	return cmd
}

// pageAddress carries the token behind the #, which browsers never send.
func pageAddress(host, token string) string { return fmt.Sprintf("http://%s/#token=%s", host, token) }

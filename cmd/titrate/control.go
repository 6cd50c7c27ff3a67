package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/infra/kafka"
	"github.com/titrate/titrate/ingest"
)

// orderKey is the key of orders about advice; the last one holds.
const orderKey = "advice"

func newControl() *cobra.Command {
	var brokers brokerFlags
	var reason string
	cmd := &cobra.Command{
		Use:   "control stop|go|status",
		Short: "Stop all advice at once, let it go on, or tell which holds",
		Long: "Control writes to the topic control, which every scorer and every server of the app follows: from a\n" +
			"stop on nothing is advised, meals are answered with the reason, and the app shows it. It holds over\n" +
			"restarts until go.",
		Example: `  titrate control stop --reason "model 2026-11-20.3 is under review"
  titrate control go`,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"stop", "go", "status"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == "stop" && reason == "" {
				return usagef("stop wants a --reason: people read it where their advice was")
			}
			cfg, err := brokers.open(cmd.Context())
			if err != nil {
				return err
			}
			if args[0] != "status" {
				if err := giveOrder(cmd.Context(), cfg, order{args[0], reason, time.Now().UTC()}); err != nil {
					return err
				}
			}
			stopped, err := standingOrder(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			return printSummary(cmd.OutOrStdout(), struct {
				Stopped bool   `json:"stopped"`
				Reason  string `json:"reason,omitempty"`
			}{stopped != "", stopped})
		},
	}
	brokers.add(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "why, in words for those who wait for advice")
	return cmd
}

func giveOrder(ctx context.Context, cfg kafka.Config, o order) error {
	value, err := json.Marshal(o)
	if err != nil {
		return err
	}
	producer, err := kafka.NewProducer(cfg)
	if err != nil {
		return err
	}
	defer producer.Close()
	return producer.Send(ctx, []kafka.Message{{Topic: topicControl, Key: []byte(orderKey), Value: value}})
}

// standingOrder tells why advice is stopped now; empty: it is not.
func standingOrder(ctx context.Context, cfg kafka.Config) (stopped string, err error) {
	err = readOnce(ctx, cfg, topicControl, func(rec ingest.Record) {
		if why, ok := readOrder(rec); ok {
			stopped = why
		}
	})
	return stopped, err
}

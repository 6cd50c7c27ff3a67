package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/titrate/titrate/train"
)

// modelFlags says which model of which registry.
func modelFlags(cmd *cobra.Command, models, model *string) {
	cmd.Flags().StringVar(models, "models", "data/models", "registry of models: a directory, or s3://bucket/prefix")
	cmd.Flags().StringVar(model, "model", champion, "champion, challenger, a version (VERSION+N: with its adaptation N), a model's own directory, or prior (physiology alone, without training)")
}

// champion is the alias of the model that is in charge.
const champion = train.ChampionAlias

var errNoModel = errors.New("no model")

// openAdapted is openModel, but an alias brings the newest that was learned of people.
func openAdapted(ctx context.Context, models, model string) (*train.Model, error) {
	name, err := currentName(ctx, models, model)
	if err != nil {
		return nil, err
	}
	return openModel(ctx, models, name)
}

// currentName is what an alias stands for now, its newest adaptation included. A name that
// is no alias is itself, and so is an alias that nobody has.
func currentName(ctx context.Context, models, model string) (string, error) {
	if model != champion && model != shadowing {
		return model, nil
	}
	registry, err := openBucket(ctx, models)
	if err != nil {
		return "", err
	}
	name, err := train.Current(ctx, registry, model)
	if errors.Is(err, fs.ErrNotExist) {
		return model, nil
	}
	return name, err
}

// openModel loads a model by its alias or version, as it was trained.
func openModel(ctx context.Context, models, model string) (*train.Model, error) {
	if model == train.Prior().Version {
		return train.Prior(), nil
	}
	if strings.ContainsRune(model, filepath.Separator) {
		return train.Load(model)
	}
	registry, err := openBucket(ctx, models)
	if err != nil {
		return nil, err
	}
	m, err := loadModel(ctx, registry, model)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w %s in %s: run `titrate train --models %s` first, or give --model prior to go without", errNoModel, model, models, models)
	}
	if err != nil {
		return nil, fmt.Errorf("model %s in %s: %w", model, models, err)
	}
	return m, nil
}

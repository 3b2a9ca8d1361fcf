using Marten;
using Notify.Contracts.Rules;
using Notify.Rules.Deciding;
using Npgsql;
using Wolverine;

namespace Notify.Rules.Steps;

public static class DescribeStepsHandler
{
    public static async Task<StepsDescribed> Handle(
        DescribeSteps query, NpgsqlDataSource database, IQuerySession session, IMessageBus bus, CurrentSnapshot configuration,
        CancellationToken cancellation)
    {
        var steps = await StepTable.WaitingForAsync(database, query.AlarmId, cancellation);
        if (steps.Count == 0) return new StepsDescribed([]);
        var snapshot = await configuration.GetAsync(session, bus, cancellation);
        return new StepsDescribed([.. steps.Select(x =>
        {
            var known = snapshot.Describe(x);
            return new DescribedStep(
                x.Id, x.Kind, x.Number, x.DueAt!.Value, snapshot.RefOf(x.RuleId), known?.Action ?? x.Action, known?.Unless, known?.Service,
                known?.Receivers ?? []);
        })]);
    }
}
